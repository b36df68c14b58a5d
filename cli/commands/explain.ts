import type { Command } from 'commander'
import { explainResponse } from '../../model/wire/matchmaker.ts'
import { ask } from '../ask.ts'
import { renderExplain } from '../render/explain.ts'
import { painter } from '../render/paint.ts'
import { findService, httpUrl, operatorToken } from '../services.ts'
import type { Surroundings } from '../surroundings.ts'
import { wholeNumber } from './options.ts'

interface ExplainOptions {
  last: number
  json?: true
  matchmaker?: string
  tokenFile?: string
}

const HOW_TO_READ = `
A copy is chosen by party first, then copies that stay open, then friends where the policy puts them first, then the score:
the sum of the other columns, each a signal from 0 to 1 times its weight. Copies marked ✗ were out of the question.

Examples:
  strata explain "Ada 1"
  strata explain 6e2ff1db-40bd-4849-aa11-b8c28aa0a377 --last 10
  strata explain "Ada 1" --json | jq '.decisions[0].candidates'`

/** Tickets are JWTs, and longer than any name or id may be. */
const TICKET = /^(?=.{65})[\w-]+\.[\w-]+\.[\w-]+$/

export function explainCommand(strata: Command, here: Surroundings): void {
  strata
    .command('explain')
    .description('tells why somebody is where they are')
    .argument('<character|ticket>', 'name or id; or the ticket of a seat or of a place in line, expired or not')
    .option('--last <n>', 'how many decisions, newest first', wholeNumber, 3)
    .option('--json', 'the answer of the matchmaker')
    .option('--matchmaker <url>', 'where the matchmaker listens', httpUrl)
    .option('--token-file <file>', "file with the operator's token (or OPERATOR_TOKEN)")
    .addHelpText('after', HOW_TO_READ)
    .action(async (character: string, { last, json, matchmaker, tokenFile }: ExplainOptions) => {
      const service = await findService('matchmaker', matchmaker, here)
      const told = await ask(service, {
        ...(TICKET.test(character) ? { path: '/v1/explain', headers: { 'x-ticket': character } } : { path: `/v1/explain/${encodeURIComponent(character)}` }),
        answer: explainResponse,
        token: await operatorToken(tokenFile, here),
        signal: here.signal,
      })
      if (json === true) here.out.write(`${JSON.stringify(told, undefined, 2)}\n`)
      else here.out.write(`${renderExplain(told, { last, now: here.now(), paint: painter(here.color) }).join('\n')}\n`)
    })
}
