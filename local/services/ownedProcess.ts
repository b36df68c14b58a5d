import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { StrataError } from '../../model/errors.ts'

const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 15_000
const POLL_MS = 25

/** A database server that this process starts and stops. Its folder holds `process.json` (who runs it) and `log`. */
export interface OwnedProcessOptions {
  /** As a person calls it: `PostgreSQL`. */
  what: string
  folder: string
  command: string
  args: readonly string[]
  /** What its command line shows once it runs, when `command` only leads to it. */
  program: string
  uid?: number | undefined
  gid?: number | undefined
  /** Asks for an orderly, quick stop. */
  stopSignal: NodeJS.Signals
  /** Resolves once it answers; is called again while it rejects. */
  ready: (signal: AbortSignal) => Promise<void>
}

const record = z.object({ pid: z.int(), owner: z.int(), program: z.string() })

export interface OwnedProcess extends AsyncDisposable {
  pid: number
  /** Resolves when the process is gone, whoever ended it. */
  ended: Promise<unknown>
}

/** Starts it and waits until it answers. Throws SERVICE_NOT_STARTED with the end of its log. */
export async function startOwned(options: OwnedProcessOptions): Promise<OwnedProcess> {
  const { what, folder } = options
  const logFile = join(folder, 'log')
  const log = openSync(logFile, 'w')
  // A process group of its own: Ctrl-C on the terminal reaches only us, and we stop the databases last.
  // Its output goes to a file, not to a pipe of ours, so that it outlives a killed owner in good order.
  const child = spawn(options.command, options.args, {
    stdio: ['ignore', log, log],
    detached: true,
    cwd: '/',
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  })
  closeSync(log)
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`))
  })
  const { pid } = child
  if (pid === undefined) throw new StrataError('SERVICE_NOT_STARTED', { what, problem: await exited })
  child.unref()
  // The last resort, when somebody ends this process without disposing.
  const atExit = (): void => void child.kill(options.stopSignal)
  process.once('exit', atExit)
  void exited.then(() => process.off('exit', atExit))
  // At once, not asynchronously: a kill in between would leave a server that nobody knows.
  writeFileSync(join(folder, 'process.json'), JSON.stringify({ pid, owner: process.pid, program: options.program }))
  try {
    await untilReady(options.ready, exited)
  } catch (error) {
    await stopChild(child, exited, options)
    const tail = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-5).join(' | ')
    throw new StrataError('SERVICE_NOT_STARTED', { what, problem: `${error instanceof Error ? error.message : String(error)}. ${tail}` }, { cause: error })
  }
  return { pid, ended: exited, [Symbol.asyncDispose]: () => stopChild(child, exited, options) }
}

async function untilReady(ready: OwnedProcessOptions['ready'], exited: Promise<string>): Promise<void> {
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS)
  let ended: string | undefined
  void exited.then((reason) => {
    ended = reason
  })
  for (;;) {
    if (ended !== undefined) throw new Error(ended)
    try {
      return await ready(deadline)
    } catch (error) {
      if (deadline.aborted) throw error
      await sleep(POLL_MS)
    }
  }
}

async function stopChild(child: ChildProcess, exited: Promise<string>, options: OwnedProcessOptions): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  if (child.exitCode === null && child.signalCode === null) {
    child.ref()
    child.kill(options.stopSignal)
  }
  await exited
  clearTimeout(timer)
  await rm(join(options.folder, 'process.json'), { force: true })
}

/**
 * After `kill -9` of its owner the server of an earlier run may still be there, on the same files: it is stopped.
 * Throws ALREADY_RUNNING when its owner lives: then somebody runs Strata in this very folder.
 */
export async function stopLeftover(what: string, folder: string, stopSignal: NodeJS.Signals): Promise<void> {
  const file = join(folder, 'process.json')
  let left: z.infer<typeof record>
  try {
    left = record.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return
  }
  const running = (): boolean => commandOf(left.pid)?.includes(left.program) ?? false
  if (running()) {
    if (commandOf(left.owner) !== undefined && left.owner !== process.pid) throw new StrataError('ALREADY_RUNNING', { what, folder, pid: left.owner })
    process.kill(left.pid, stopSignal)
    const deadline = AbortSignal.timeout(STOP_TIMEOUT_MS)
    while (running() && !deadline.aborted) await sleep(POLL_MS)
    if (running()) process.kill(left.pid, 'SIGKILL')
    while (running()) await sleep(POLL_MS)
  }
  await rm(file, { force: true })
}

/** The command line of a process, so that a pid that was given out anew is not mistaken for ours; undefined when there is none. */
export function commandOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0)
    // A zombie has an empty command line: it is gone. `ps` is absent from slim images, `/proc` from macOS.
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 }).trim() || undefined
  } catch {
    return undefined
  }
}
