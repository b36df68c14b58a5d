import type { Command } from 'commander'
import { defined } from '../../../model/defined.ts'
import { type ViolationsAnswer, violationsAnswer } from '../../../model/wire/moderation.ts'
import { wholeNumber } from '../../../service/terminal/options.ts'
import { ask } from '../../ask.ts'
import { type CallerOptions, callerOptions, matchmakerAndToken } from '../../callerOptions.ts'
import type { CliContext } from '../../context.ts'
import { table } from '../../render/table.ts'

export function violationsCommand(strata: Command, context: CliContext): void {
  callerOptions(strata.command('violations').description('shows what clients claimed that no lag explains'))
    .argument('[player]', 'account, or a character by id or name; if both exist, write account:ID or character:NAME')
    .option('--flagged', 'only those at which the policy of the map flagged or kicked')
    .option('--last <n>', 'number of entries, newest first', wholeNumber, 50)
    .option('--json', 'print the answer of the matchmaker')
    .addHelpText(
      'after',
      '\nNeeds the operator token or a service token with the scope "moderation". Kinds and actions: docs/reference/fair-play.md\n\nExamples:\n' +
        '  strata violations --flagged\n  strata violations "Swift Sam" --json | jq .violations',
    )
    .action(
      async (player: string | undefined, { flagged = false, last, json, ...caller }: CallerOptions & { flagged?: boolean; last: number; json?: true }) => {
        const { service, token } = await matchmakerAndToken(caller, context)
        const query = new URLSearchParams({ limit: String(last), flagged: String(flagged), ...defined({ player }) })
        const answer = await ask(service, { path: `/v1/moderation/violations?${query}`, answer: violationsAnswer, token, signal: context.signal })
        context.out.write(json === true ? `${JSON.stringify(answer, undefined, 2)}\n` : linesOf(answer))
      },
    )
}

function linesOf({ violations }: ViolationsAnswer): string {
  if (violations.length === 0) return 'no violations\n'
  const rows = violations.map(({ at, character, name, kind, count, action, trust, map, copy, tick, x, y, evidence }) => [
    new Date(at).toISOString(),
    name === '' ? character : name,
    kind,
    `× ${count}`,
    action,
    `trust ${trust}`,
    `${copy === '' ? map : copy} (${x}, ${y}) tick ${tick}`,
    Object.entries(evidence)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
  ])
  return `${table(rows[0]?.map(() => ({})) ?? [], rows).join('\n')}\n`
}
