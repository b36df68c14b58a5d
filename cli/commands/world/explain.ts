import type { Command } from 'commander'
import type { NameOrId } from '../../../model/ids.ts'
import { explainResponse } from '../../../model/wire/matchmaker.ts'
import { wholeNumber } from '../../../service/terminal/options.ts'
import { painter } from '../../../service/terminal/paint.ts'
import { ask } from '../../ask.ts'
import type { CliContext } from '../../context.ts'
import { renderExplain } from '../../render/explain.ts'
import { bearerToken, findService, httpUrl } from '../../services.ts'

interface ExplainOptions {
  last: number
  json?: true
  matchmaker?: string
  tokenFile?: string
}

const HOW_TO_READ = `
Copies are ranked by party first, then by whether they stay open, then by friends if the policy ranks them first, then by score.
The score is the sum of the other columns; each is a signal from 0 to 1 times its weight. Copies marked ✗ were filtered out.

Examples:
  strata explain "Ada 1"
  strata explain 6e2ff1db-40bd-4849-aa11-b8c28aa0a377 --last 10
  strata explain "Ada 1" --json | jq '.decisions[0].candidates'`

/** Tickets are JWTs, which are longer than any name or id. */
const TICKET = /^(?=.{65})[\w-]+\.[\w-]+\.[\w-]+$/

export function explainCommand(strata: Command, context: CliContext): void {
  strata
    .command('explain')
    .description('shows why a character is where it is')
    .argument('<character|ticket>', 'name or id, or the ticket of a seat or of a place in line, also an expired one')
    .option('--last <n>', 'number of decisions, newest first', wholeNumber, 3)
    .option('--json', 'print the answer of the matchmaker')
    .option('--matchmaker <url>', 'address of the matchmaker', httpUrl)
    .option('--token-file <file>', "file with the operator's token or a service token (or STRATA_TOKEN, OPERATOR_TOKEN)")
    .addHelpText('after', HOW_TO_READ)
    .action(async (character: NameOrId, { last, json, matchmaker, tokenFile }: ExplainOptions) => {
      const service = await findService('matchmaker', matchmaker, context)
      const answer = await ask(service, {
        ...(TICKET.test(character) ? { path: '/v1/explain', headers: { 'x-ticket': character } } : { path: `/v1/explain/${encodeURIComponent(character)}` }),
        answer: explainResponse,
        token: await bearerToken(service, tokenFile, context),
        signal: context.signal,
      })
      if (json === true) context.out.write(`${JSON.stringify(answer, undefined, 2)}\n`)
      else context.out.write(`${renderExplain(answer, { last, now: context.now(), paint: painter(context.color) }).join('\n')}\n`)
    })
}
