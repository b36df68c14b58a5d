import { readdir } from 'node:fs/promises'
import { cpus } from 'node:os'
import { stopSignal, stopWithParent } from '../local/services/stopSignal.ts'
import type { Report } from './report.ts'

/** `npm run bench -- NAME [--json]` runs `bench/NAME.ts`. A bench measures and asserts nothing; assertions belong in tests. */
interface Bench {
  /** One line for the list of benches. */
  summary: string
  /** What is measured in the same run for comparison; absent when there is none. */
  peer?: string
  /** Services and processes that the bench starts go on `stack`; they are stopped when the bench ends or a signal arrives. */
  run(stack: AsyncDisposableStack, args: readonly string[]): Promise<Report>
}

const NO_PEER = 'none'
/** Files of this folder that are not benches. */
const notBenches = new Set(['arguments', 'main', 'report'])

async function benchNames(): Promise<string[]> {
  const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  return files
    .map((file) => file.slice(0, -3))
    .filter((name) => !notBenches.has(name))
    .sort()
}

// Every file that `benchNames` lists exports a `Bench`.
const load = async (name: string): Promise<Bench> => (await import(`./${name}.ts`)) as Bench

async function help(names: readonly string[]): Promise<string> {
  const lines = await Promise.all(
    names.map(async (name) => {
      const { summary, peer = NO_PEER } = await load(name)
      return `  ${name.padEnd(12)}${summary}\n${' '.repeat(14)}Peer in the same run: ${peer}`
    }),
  )
  return ['npm run bench -- NAME [--json]', '', ...lines, ''].join('\n')
}

function readable(value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([key, entry]) =>
      typeof entry === 'object' && entry !== null
        ? `${indent}${key}\n${readable(entry, `${indent}  `)}`
        : `${indent}${key.padEnd(30 - indent.length)} ${entry}`,
    )
    .join('\n')
}

/** The figures of a bench; undefined when a signal stopped it. */
async function measure({ run }: Bench, args: readonly string[], stopping: AbortSignal): Promise<Report | undefined> {
  await using stack = new AsyncDisposableStack()
  const stopped = new Promise<undefined>((resolve) => stopping.addEventListener('abort', () => resolve(undefined)))
  return await Promise.race([run(stack, args), stopped])
}

const [name, ...args] = process.argv.slice(2)
const names = await benchNames()
const helpWanted = name === '--help' || args.includes('--help')
if (helpWanted || name === undefined || !names.includes(name)) {
  process.stdout.write(await help(helpWanted && name !== undefined && names.includes(name) ? [name] : names))
  if (!helpWanted && name !== undefined) process.stderr.write(`There is no bench "${name}".\n`)
  process.exit(helpWanted ? 0 : 2)
}
const [cpu] = cpus()
const bench = await load(name)
stopWithParent()
const figures = await measure(bench, args, stopSignal())
if (figures === undefined) process.exit(1)
const report = {
  bench: name,
  at: new Date().toISOString(),
  machine: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`,
  peer: bench.peer ?? NO_PEER,
  ...figures,
}
process.stdout.write(args.includes('--json') ? `${JSON.stringify(report)}\n` : `${readable(report)}\n`)
// Peers leave timers behind that would keep the process alive.
process.exit(0)
