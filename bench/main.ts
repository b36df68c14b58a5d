import { readdir } from 'node:fs/promises'
import { cpus } from 'node:os'
import type { Report } from './report.ts'

/**
 * `npm run bench -- NAME [--json]`: runs `bench/NAME.ts`, whose `run` measures the product and its peers in the same run.
 * What is measured stands in each file's first comment. A benchmark asserts nothing: tests do.
 */
interface Bench {
  /** One line for the list. */
  summary: string
  run(args: readonly string[]): Promise<Report>
}

const folder = import.meta.dirname
/** Not benches themselves. */
const own = new Set(['main', 'report'])

async function names(): Promise<string[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  return files.map((file) => file.slice(0, -3)).filter((name) => !own.has(name))
}

// The name was read from the folder: the module has the shape above, or its bench could not have been written.
const load = async (name: string): Promise<Bench> => (await import(`./${name}.ts`)) as Bench

async function help(): Promise<string> {
  const lines = await Promise.all((await names()).map(async (name) => `  ${name.padEnd(12)}${(await load(name)).summary}`))
  return ['npm run bench -- NAME [--json]', '', ...lines.sort(), ''].join('\n')
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

const [name, ...args] = process.argv.slice(2)
const asked = name === '--help' || args.includes('--help')
if (asked || name === undefined || !(await names()).includes(name)) {
  process.stdout.write(await help())
  if (!asked && name !== undefined) process.stderr.write(`There is no bench "${name}".\n`)
  process.exit(asked ? 0 : 2)
}
const [cpu] = cpus()
const report = {
  bench: name,
  at: new Date().toISOString(),
  machine: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`,
  ...(await (await load(name)).run(args)),
}
process.stdout.write(args.includes('--json') ? `${JSON.stringify(report)}\n` : `${readable(report)}\n`)
// Peers leave timers behind that are none of ours.
process.exit(0)
