import { type Command, InvalidArgumentError } from 'commander'
import type { z } from 'zod'
import { defined } from '../../../model/defined.ts'
import type { MapName } from '../../../model/ids.ts'
import { UNTIL_LIFTED } from '../../../model/people/sanction.ts'
import { parseDuration } from '../../../model/policy/units.ts'
import {
  type AuditLogAnswer,
  announceAnswer,
  announceRequest,
  auditLogAnswer,
  kickAnswer,
  kickRequest,
  liftRequest,
  messageAnswer,
  messageRequest,
  sanctionAnswer,
  sanctionRequest,
} from '../../../model/wire/moderation.ts'
import { durationOption, wholeNumber } from '../../../service/terminal/options.ts'
import { ask } from '../../ask.ts'
import { type CallerOptions, callerOptions, matchmakerAndToken } from '../../callerOptions.ts'
import type { CliContext } from '../../context.ts'

const WHO = 'account, or a character by id or name; if both exist, write account:ID or character:NAME'
const HELP = '\nNeeds the operator token or a service token with the scope "moderation". The audit log stores every act with its reason.\n\nExamples:\n'

/** Commands for moderators: ban, unban, mute, unmute, kick, message, announce, audit-log. */
export function moderationCommands(strata: Command, context: CliContext): void {
  sanctionCommand(strata, context, 'ban', 'keeps an account with all its characters out of the world; its sessions end')
  liftCommand(strata, context, 'unban', 'lifts a ban')
  sanctionCommand(strata, context, 'mute', 'keeps an account from talking')
  liftCommand(strata, context, 'unmute', 'lifts a mute')

  callerOptions(strata.command('kick').description('ends the sessions of a character, or of all characters of an account; they may enter again'))
    .argument('<player>', WHO)
    .requiredOption('--reason <text>', 'shown to the player')
    .addHelpText('after', `${HELP}  strata kick "Stuck Sue" --reason "stuck in a wall"`)
    .action(async (player: string, { reason, ...caller }: CallerOptions & { reason: string }) => {
      const { account, ended } = await post(context, caller, { path: '/v1/moderation/kick', body: kickRequest, answer: kickAnswer }, { player, reason })
      context.out.write(`${account}: ${ended === 0 ? 'is not in the world' : `${ended} session${ended === 1 ? '' : 's'} ended`}\n`)
    })

  callerOptions(strata.command('message').description('sends a text to one player in the world'))
    .argument('<player>', WHO)
    .argument('<text>')
    .addHelpText('after', `${HELP}  strata message "Rude Rita" "please read the rules"`)
    .action(async (player: string, text: string, caller: CallerOptions) => {
      const { characters } = await post(context, caller, { path: '/v1/moderation/message', body: messageRequest, answer: messageAnswer }, { player, text })
      context.out.write(`sent to ${characters.join(', ')}\n`)
    })

  callerOptions(strata.command('announce').description('sends a text to all players in the world, or to those on one map'))
    .argument('<text>')
    .option('--map <map>', 'only to players on this map')
    .addHelpText('after', `${HELP}  strata announce "restart in 10 minutes"\n  strata announce "the forest closes" --map forest`)
    .action(async (text: string, { map, ...caller }: CallerOptions & { map?: MapName }) => {
      const what = { path: '/v1/moderation/announce', body: announceRequest, answer: announceAnswer }
      await post(context, caller, what, map === undefined ? { text } : { text, map })
      context.out.write(map === undefined ? 'announced\n' : `announced on ${map}\n`)
    })

  callerOptions(strata.command('audit-log').description('shows who did what with rights that players do not have'))
    .argument('[player]', WHO)
    .option('--last <n>', 'number of entries, newest first', wholeNumber, 20)
    .option('--json', 'print the answer of the matchmaker')
    .addHelpText('after', `${HELP}  strata audit-log --last 50\n  strata audit-log "Rude Rita" --json | jq .entries`)
    .action(async (player: string | undefined, { last, json, ...caller }: CallerOptions & { last: number; json?: true }) => {
      const { service, token } = await matchmakerAndToken(caller, context)
      const query = new URLSearchParams({ limit: String(last), ...defined({ player }) })
      const answer = await ask(service, { path: `/v1/moderation/audit?${query}`, answer: auditLogAnswer, token, signal: context.signal })
      context.out.write(json === true ? `${JSON.stringify(answer, undefined, 2)}\n` : linesOf(answer))
    })
}

function sanctionCommand(strata: Command, context: CliContext, act: 'ban' | 'mute', description: string): void {
  callerOptions(strata.command(act).description(description))
    .argument('<player>', WHO)
    .requiredOption('--reason <text>', 'shown to the player')
    .option('--for <duration>', 'such as 12h or 7d; without it: until it is lifted', durationOption)
    .option('--until <time>', 'end, such as 2027-01-31T12:00Z', instant)
    .addHelpText('after', `${HELP}  strata ${act} "Rude Rita" --for 7d --reason insults\n  strata ${act} account:4711 --reason "real-money trade"`)
    .action(async (player: string, options: CallerOptions & { reason: string; for?: string; until?: number }) => {
      const { for: lasting, until = lasting === undefined ? undefined : context.now() + parseDuration(lasting), reason, ...caller } = options
      const body = { player, reason, until }
      const answer = await post(context, caller, { path: `/v1/moderation/${act}`, body: sanctionRequest, answer: sanctionAnswer }, body)
      const end = answer.until === undefined || answer.until >= UNTIL_LIFTED ? 'until it is lifted' : `until ${new Date(answer.until).toISOString()}`
      const ended = answer.ended === 0 ? '' : `; ${answer.ended} session${answer.ended === 1 ? '' : 's'} ended`
      context.out.write(`${answer.account}: ${act === 'ban' ? 'banned' : 'muted'} ${end}${ended}\n`)
    })
}

function liftCommand(strata: Command, context: CliContext, act: 'unban' | 'unmute', description: string): void {
  callerOptions(strata.command(act).description(description))
    .argument('<player>', WHO)
    .requiredOption('--reason <text>', 'for the audit log')
    .addHelpText('after', `${HELP}  strata ${act} "Rude Rita" --reason "appeal granted"`)
    .action(async (player: string, { reason, ...caller }: CallerOptions & { reason: string }) => {
      const { account } = await post(context, caller, { path: `/v1/moderation/${act}`, body: liftRequest, answer: sanctionAnswer }, { player, reason })
      context.out.write(`${account}: the ${act.slice(2)} is lifted\n`)
    })
}

interface Posted<B, A> {
  path: string
  body: z.ZodType<B>
  answer: z.ZodType<A>
}

async function post<B, A>(context: CliContext, caller: CallerOptions, { path, answer }: Posted<B, A>, body: NoInfer<B>): Promise<A> {
  const { service, token } = await matchmakerAndToken(caller, context)
  return ask(service, { path, body, answer, token, signal: context.signal })
}

function linesOf({ entries }: AuditLogAnswer): string {
  if (entries.length === 0) return 'no entries\n'
  return entries
    .map(
      ({ at, actor, action, subject, reason }) =>
        `${new Date(at).toISOString()}  ${actor}  ${action}  ${subject}${reason === undefined ? '' : `  ${reason}`}\n`,
    )
    .join('')
}

function instant(text: string): number {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new InvalidArgumentError('write a time such as 2027-01-31T12:00Z')
  return at
}
