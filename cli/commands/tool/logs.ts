import { spawn } from 'node:child_process'
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { StrataError } from '../../../model/errors.ts'
import { didYouMean } from '../../../model/policy/didYouMean.ts'
import { wholeNumber } from '../../../service/terminal/options.ts'
import { type CliContext, Refused } from '../../context.ts'
import { currentContext } from '../../contexts/config.ts'
import { stateFolder, unreadable } from '../../services.ts'

interface LogOptions {
  follow?: true
  tail: number
}

/** Pause between two looks at a file with --follow, in ms. */
const FOLLOW_MS = 250

export function logsCommand(strata: Command, context: CliContext): void {
  strata
    .command('logs')
    .description('prints the log of a process: of the last npm start, or through kubectl in the context of a cluster')
    .argument('[process]', 'such as orchestrator, matchmaker, or the name of a server; without it: lists the processes')
    .option('-f, --follow', 'then print new lines, until Ctrl-C')
    .option('--tail <n>', 'number of the last lines', wholeNumber, 100)
    .addHelpText(
      'after',
      '\nWhat the system decided is not in the logs: see "strata get decisions" and "strata explain".\n\nExamples:\n  strata logs orchestrator -f\n  strata logs matchmaker --tail 20',
    )
    .action(async (name: string | undefined, options: LogOptions) => {
      const { destination } = await currentContext(context)
      if (destination === undefined) await localLog(name, options, context)
      else if ('kubernetes' in destination) await clusterLog(name, options, destination.kubernetes, context)
      else throw new StrataError('SETTING_INVALID', { setting: 'context', problem: 'logs need the context "local" or one of a cluster' })
    })
}

async function localLog(name: string | undefined, { follow, tail }: LogOptions, context: CliContext): Promise<void> {
  const folder = join(stateFolder(context), 'log')
  const files = await readdir(folder).catch(unreadable(folder))
  const names = files
    .filter((file) => file.endsWith('.log'))
    .map((file) => file.slice(0, -'.log'.length))
    .sort()
  if (name === undefined) return void context.out.write(names.map((one) => `${one}\n`).join(''))
  if (!names.includes(name))
    throw new StrataError('RESOURCE_UNKNOWN', { kind: 'log', name, hint: didYouMean(name, names) || `; ${folder} is empty: run "npm start" first.` })
  const file = join(folder, `${name}.log`)
  const text = await readFile(file, 'utf8').catch(unreadable(file))
  const lines = text.split('\n')
  context.out.write(lines.slice(Math.max(0, lines.length - 1 - tail)).join('\n'))
  if (follow === true) await followFile(file, Buffer.byteLength(text), context)
}

/** Prints what is appended. A file that became shorter was started again and is read from its begin. */
async function followFile(file: string, from: number, { out, signal }: CliContext): Promise<void> {
  await using handle = await open(file)
  let position = from
  while (!signal.aborted) {
    const { size } = await handle.stat()
    if (size < position) position = 0
    if (size > position) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(size - position), 0, size - position, position)
      out.write(buffer.subarray(0, bytesRead))
      position += bytesRead
    }
    await pause(FOLLOW_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** Game servers are found by the name of their pod; the other processes by their label. */
async function clusterLog(
  name: string | undefined,
  { follow, tail }: LogOptions,
  cluster: { context?: string; namespace: string },
  context: CliContext,
): Promise<void> {
  const where = [...(cluster.context === undefined ? [] : ['--context', cluster.context]), '--namespace', cluster.namespace]
  const labelled = name === 'orchestrator' || name === 'matchmaker'
  const what = labelled ? ['--selector', `app.kubernetes.io/name=strata-${name}`, '--prefix'] : [`pod/${name}`]
  const args = name === undefined ? ['get', 'pods', '--output', 'name'] : ['logs', ...what, `--tail=${tail}`, ...(follow === true ? ['--follow'] : [])]
  const child = spawn('kubectl', [...where, ...args], { env: context.environment, stdio: ['ignore', 'pipe', 'pipe'], signal: context.signal })
  child.stdout.on('data', (chunk: Buffer) => void context.out.write(chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => void context.problems.write(chunk.toString()))
  const code = await new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done)).catch((error: Error) => {
    context.signal.throwIfAborted()
    throw new StrataError('SETTING_INVALID', { setting: 'PATH', problem: `kubectl cannot be run (${error.message}); install it` }, { cause: error })
  })
  if (code !== 0) throw new Refused()
}
