import { setTimeout as pause } from 'node:timers/promises'
import { Argument, type Command, Option } from 'commander'
import { defined } from '../../../model/defined.ts'
import { StrataError } from '../../../model/errors.ts'
import { didYouMean } from '../../../model/policy/didYouMean.ts'
import { aboveZero } from '../../../service/terminal/options.ts'
import type { CliContext } from '../../context.ts'
import { type OrchestratorOptions, orchestratorFor, orchestratorOptions } from '../../orchestratorOptions.ts'
import { type Output, outputs, resourceDocument, resourceTable, WatchedRows } from '../../render/resources.ts'
import { resourceNamed, resources } from '../../resources/index.ts'
import type { Narrowing, Resource } from '../../resources/resource.ts'

interface GetOptions extends OrchestratorOptions, Narrowing {
  output?: Output
  watch?: true
  interval: number
}

/** Default of --interval, in seconds. */
const INTERVAL_S = 1

export function getCommand(strata: Command, context: CliContext): void {
  const kinds = resources.map(({ names: [name], about, needsToken }) => `  ${name.padEnd(10)} ${about}${needsToken ? ' (needs a token)' : ''}`).join('\n')
  const command = strata
    .command('get')
    .description('lists copies, servers, maps, players, places in line or decisions')
    .addArgument(new Argument('<kind>', 'what to list').choices(resources.flatMap(({ names }) => names)))
    .argument('[names...]', 'only these')
    .addOption(new Option('-o, --output <format>', 'more columns, or another format').choices(outputs))
    .option('-w, --watch', 'then print each change, until Ctrl-C; with -o json one object per line')
    .option('--interval <seconds>', 'with --watch: time between two questions', aboveZero, INTERVAL_S)
    .option('--map <map>', 'only of this map')
    .option('--copy <copy>', 'players and decisions: only of this copy')
    .option('--server <server>', 'copies and players: only of this server')
    .addHelpText(
      'after',
      `\nKinds:\n${kinds}\n\nExamples:\n  strata get copies\n  strata get copies -w\n  strata get players --map forest -o wide\n  strata get copies -o json | jq '.items[] | select(.state == "closing")'`,
    )
  orchestratorOptions(command).action(async (kind: string, names: string[], { map, copy, server, ...options }: GetOptions) => {
    const resource = resourceNamed(kind)
    if (resource === undefined) return // `choices` has refused it
    const { request } = await orchestratorFor(options, context)
    const read = async (): Promise<unknown[]> => named(resource, await resource.read(request, defined({ map, copy, server })), names)
    if (options.watch === true) return await watch(resource, read, options, context)
    const items = await read()
    requireAll(resource, items, names)
    context.out.write(text(resource, items, names, options.output))
    if (items.length === 0 && (options.output === undefined || options.output === 'wide')) context.problems.write(`No ${resource.names[0]} found.\n`)
  })
}

function text(resource: Resource<unknown>, items: readonly unknown[], names: readonly string[], output: Output | undefined): string {
  if (output === 'json' || output === 'yaml') return resourceDocument(resource, items, output, names.length === 1)
  if (output === 'name') return items.map((item) => `${resource.names[1] ?? resource.names[0]}/${resource.key(item)}\n`).join('')
  return items.length === 0 ? '' : `${resourceTable(resource, items, output === 'wide').join('\n')}\n`
}

function named(resource: Resource<unknown>, items: readonly unknown[], names: readonly string[]): unknown[] {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  return items.filter((item) => wanted.size === 0 || wanted.has(resource.key(item).toLowerCase()))
}

function requireAll(resource: Resource<unknown>, items: readonly unknown[], names: readonly string[]): void {
  const found = new Set(items.map((item) => resource.key(item).toLowerCase()))
  const missing = names.find((name) => !found.has(name.toLowerCase()))
  if (missing !== undefined) throw notFound(resource, missing, [])
}

/** The error for a name that a kind does not have, with the most similar known name. */
export function notFound({ names }: Pick<Resource<unknown>, 'names'>, name: string, known: readonly string[]): StrataError {
  const near = didYouMean(name, known)
  const hint = near.includes('did you mean') ? near : `; "strata get ${names[0]}" lists them.`
  return new StrataError('RESOURCE_UNKNOWN', { kind: names[1] ?? names[0], name, hint })
}

/** Only the first request must succeed, so that an operator can watch an orchestrator restart. */
async function watch(
  resource: Resource<unknown>,
  read: () => Promise<unknown[]>,
  { output, interval }: Pick<GetOptions, 'output' | 'interval'>,
  { out, problems, signal }: CliContext,
): Promise<void> {
  const rows = new WatchedRows(resource, output === 'wide')
  const show = (items: readonly unknown[]): void => {
    const changes = rows.changes(items)
    if (output === 'json' || output === 'yaml')
      for (const { item, gone } of changes) out.write(`${JSON.stringify({ type: gone ? 'REMOVED' : 'CHANGED', item })}\n`)
    else for (const row of rows.rows(changes)) out.write(`${row}\n`)
  }
  show(await read())
  let failing = ''
  for (;;) {
    try {
      await pause(interval * 1_000, undefined, { signal })
      show(await read())
      failing = ''
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof StrataError)) throw error
      if (failing !== error.message) problems.write(`strata: ${error.message}\n`)
      failing = error.message
    }
  }
}
