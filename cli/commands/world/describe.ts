import { Argument, type Command } from 'commander'
import type { CopyId } from '../../../model/ids.ts'
import { statusResponse } from '../../../model/wire/admin.ts'
import { explainResponse } from '../../../model/wire/matchmaker.ts'
import { playerAnswer } from '../../../model/wire/moderation.ts'
import { playersResponse } from '../../../model/wire/world.ts'
import { wholeNumber } from '../../../service/terminal/options.ts'
import { painter } from '../../../service/terminal/paint.ts'
import { ask } from '../../ask.ts'
import type { CliContext } from '../../context.ts'
import { type AskOrchestrator, type OrchestratorOptions, orchestratorFor, orchestratorOptions } from '../../orchestratorOptions.ts'
import { describeCopy, describeMap, describeServer } from '../../render/describe.ts'
import { renderExplain } from '../../render/explain.ts'
import { renderSanctions } from '../../render/sanctions.ts'
import { decisionsOf } from '../../resources/decisions.ts'
import { copies as copyKind, type MapStatus, maps as mapKind, servers as serverKind, serversIn } from '../../resources/world.ts'
import { bearerToken, findService, httpUrl } from '../../services.ts'
import { notFound } from './get.ts'

interface DescribeOptions extends OrchestratorOptions {
  last: number
  matchmaker?: string
}

/** Decisions of a map among which those of one copy are looked for. */
const DECISIONS_READ = 500

const kinds = ['copy', 'server', 'map', 'player'] as const

export function describeCommand(strata: Command, context: CliContext): void {
  const command = strata
    .command('describe')
    .description('shows one copy, server, map or player in full: who is there, and the decisions')
    .addArgument(new Argument('<kind>').choices(kinds))
    .argument('<name>', 'name as in `strata get`')
    .option('--last <n>', 'number of decisions, newest first', wholeNumber, 10)
    .option('--matchmaker <url>', 'players: address of the matchmaker', httpUrl)
    .addHelpText(
      'after',
      '\nNeeds the operator token or a service token with the scope "operator".\n\nExamples:\n  strata describe copy forest-mwq3iude\n  strata describe player "Ada 1"',
    )
  orchestratorOptions(command).action(async (kind: (typeof kinds)[number], name: string, options: DescribeOptions) => {
    const lines = kind === 'player' ? await player(name, options, context) : await thing(kind, name, options, context)
    context.out.write(`${lines.join('\n')}\n`)
  })
}

async function thing(kind: 'copy' | 'server' | 'map', name: string, options: DescribeOptions, context: CliContext): Promise<string[]> {
  const { request } = await orchestratorFor(options, context)
  const status = await request({ path: '/v1/status', answer: statusResponse })
  if (kind === 'server') {
    const all = serversIn(status)
    const server = all.find(({ id }) => id === name)
    if (server === undefined)
      throw notFound(
        serverKind,
        name,
        all.map(({ id }) => id),
      )
    return describeServer(
      server,
      status.copies.filter((copy) => copy.server === name),
    )
  }
  if (kind === 'map') {
    const map = status.maps.find((one) => one.map === name)
    if (map === undefined)
      throw notFound(
        mapKind,
        name,
        status.maps.map((one) => one.map),
      )
    const own = status.copies.filter((copy) => copy.map === name)
    const described: MapStatus = { ...map, copies: own.length }
    return describeMap(described, own, await decisionsOf(request, name, options.last), status.at)
  }
  const copy = status.copies.find((one) => one.copy === name)
  if (copy === undefined)
    throw notFound(
      copyKind,
      name,
      status.copies.map((one) => one.copy),
    )
  const [people, decisions] = await Promise.all([peopleOf(request, name), decisionsOf(request, copy.map, DECISIONS_READ)])
  return describeCopy(copy, people, decisions.filter((decision) => decision.copy === name).slice(0, options.last), status.at)
}

async function peopleOf(request: AskOrchestrator, copy: CopyId) {
  return (await request({ path: `/v1/players?${new URLSearchParams({ copy })}`, answer: playersResponse })).players
}

/** The explanation, and the sanctions of the account. The token may lack one of the two scopes: then the other half is shown. */
async function player(name: string, { last, matchmaker, tokenFile }: DescribeOptions, context: CliContext): Promise<string[]> {
  const service = await findService('matchmaker', matchmaker, context)
  const token = await bearerToken(service, tokenFile, context)
  const signal = context.signal
  const explained = await ask(service, { path: `/v1/explain/${encodeURIComponent(name)}`, answer: explainResponse, token, signal })
  const sanctions = await ask(service, {
    path: `/v1/moderation/players/${encodeURIComponent(explained.character)}`,
    answer: playerAnswer,
    token,
    signal,
  }).catch((error: unknown) => {
    signal.throwIfAborted()
    return error instanceof Error ? error.message : String(error)
  })
  const paint = painter(context.color)
  const account = typeof sanctions === 'string' ? [paint('dim', `account: ${sanctions}`)] : renderSanctions(sanctions, context.now(), paint)
  return [...renderExplain(explained, { last, now: context.now(), paint }), '', ...account]
}
