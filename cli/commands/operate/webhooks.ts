import type { Command } from 'commander'
import { defined } from '../../../model/defined.ts'
import { deadLettersAnswer, type WebhooksAnswer, webhooksAnswer } from '../../../model/wire/webhooks.ts'
import { wholeNumber } from '../../../service/terminal/options.ts'
import { ask } from '../../ask.ts'
import { type CallerOptions, callerOptions, matchmakerAndToken } from '../../callerOptions.ts'
import type { CliContext } from '../../context.ts'
import { duration } from '../../duration.ts'
import { count } from '../../render/status.ts'
import { table } from '../../render/table.ts'

export function webhookCommands(strata: Command, context: CliContext): void {
  const webhooks = callerOptions(
    strata.command('webhooks').description('shows the webhooks that wait, and dead letters: those that the endpoint did not take in time'),
  )
    .option('--last <n>', 'number of dead letters, newest first', wholeNumber, 20)
    .option('--json', 'print the answer of the matchmaker')
    .addHelpText(
      'after',
      '\nNeeds the operator token or a service token with the scope "operator".\n\nExamples:\n  strata webhooks\n  strata webhooks retry --reason "endpoint repaired"',
    )
    .action(async ({ last, json, ...caller }: CallerOptions & { last: number; json?: true }) => {
      const { service, token } = await matchmakerAndToken(caller, context)
      const answer = await ask(service, { path: `/v1/webhooks?limit=${last}`, answer: webhooksAnswer, token, signal: context.signal })
      context.out.write(json === true ? `${JSON.stringify(answer, undefined, 2)}\n` : linesOf(answer, context.now()))
    })
  for (const [name, description, done] of [
    ['retry', 'sends dead letters again', 'sent again'],
    ['discard', 'deletes dead letters', 'deleted'],
  ] as const)
    callerOptions(webhooks.command(name).description(description))
      .argument('[messages...]', 'ids as `strata webhooks` shows them; without ids all dead letters')
      .requiredOption('--reason <text>', 'why; the audit log keeps it')
      .action(async (messages: string[], { reason, ...caller }: CallerOptions & { reason: string }) => {
        const { service, token } = await matchmakerAndToken(caller, context)
        const body = { reason, ...defined({ messages: messages.length === 0 ? undefined : messages }) }
        const { changed } = await ask(service, { path: `/v1/webhooks/${name}`, body, answer: deadLettersAnswer, token, signal: context.signal })
        context.out.write(`${count(changed, 'dead letter')} ${changed === 1 ? 'is' : 'are'} ${done}\n`)
      })
}

function linesOf({ pending, oldestAt, dead, deadLetters }: WebhooksAnswer, now: number): string {
  const oldest = oldestAt === undefined ? '' : `, the oldest for ${duration(Math.max(0, now - oldestAt))}`
  const lines = [`${count(pending, 'webhook')} waiting${oldest}; ${count(dead, 'dead letter')}`]
  const rows = deadLetters.map(({ message, type, at, attempts, problem, data }) => {
    const { character, copy } = data
    return [message, new Date(at).toISOString(), type, String(character ?? copy ?? ''), count(attempts, 'attempt'), problem]
  })
  if (rows.length > 0) lines.push(...table(rows[0]?.map(() => ({})) ?? [], rows))
  return `${lines.join('\n')}\n`
}
