import { spawn } from 'node:child_process'
import { delimiter, join, resolve } from 'node:path'
import { checkApiReports } from '../packages/apiReport.ts'
import { checkClientSize } from '../packages/clientSize.ts'
import { checkGenerated } from './generated.ts'
import may from './houses.json' with { type: 'json' }
import { checkIdTypes } from './idTypes.ts'
import { checkProse } from './prose/lint.ts'
import { checkSiblings } from './siblings.ts'
import { checkSpec } from './spec.ts'

/** `npm run check`: all static checks. Each prints its time; a failure does not stop the others. */
const root = resolve(import.meta.dirname, '..')
const houses = [...Object.keys(may), 'test', 'bench', 'checks', 'packages']

/** `run` returns the problems as text for a person, or an empty string. */
type Step = { name: string; run: () => Promise<string> }

const steps: Step[] = [
  { name: 'types', run: () => tool('tsc', '-p', '.') },
  { name: 'types of console', run: () => tool('tsc', '-p', 'console') },
  { name: 'types of demo', run: () => tool('tsc', '-p', 'client/demo') },
  { name: 'lint and format', run: () => tool('biome', 'check', '.', '--colors=off', '--max-diagnostics=5') },
  { name: 'import rules', run: () => tool('depcruise', '--config', '.dependency-cruiser.cjs', ...houses) },
  { name: 'sibling folders', run: () => checkSiblings(root, houses) },
  { name: 'types of ids', run: () => checkIdTypes(root) },
  { name: 'dead code', run: () => tool('knip', '--no-progress', '--no-config-hints') },
  { name: 'spec and tests', run: () => checkSpec(root) },
  { name: 'prose', run: () => checkProse(root) },
  { name: 'generated files', run: () => checkGenerated(root) },
  { name: 'packages', run: async () => `${await checkApiReports()}\n${await checkClientSize()}`.trim() },
]

let failed = 0
for (const { name, run } of steps) {
  const started = performance.now()
  const problems = await run().catch((error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)))
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`${problems === '' ? '✔' : '✘'} ${name.padEnd(18)} ${seconds.padStart(5)} s\n`)
  if (problems === '') continue
  failed++
  process.stdout.write(`${problems.trimEnd().replaceAll(/^/gm, '    ')}\n`)
}
if (failed > 0) {
  process.stdout.write(`${failed} of ${steps.length} checks failed\n`)
  process.exitCode = 1
}

/** Runs a program of node_modules/.bin and returns its output when it fails. */
function tool(name: string, ...args: string[]): Promise<string> {
  const bin = join(root, 'node_modules', '.bin')
  return new Promise((done, fail) => {
    const child = spawn(join(bin, name), args, {
      cwd: root,
      env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const append = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout.on('data', append)
    child.stderr.on('data', append)
    child.once('error', fail)
    child.once('close', (code) => done(code === 0 ? '' : output || `${name} ended with ${code}`))
  })
}
