import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'

/** Longest time until a server answers its first request, in ms: the first start on a slow disk creates files. */
const START_TIMEOUT_MS = 60_000
/** Longest time for an orderly stop, in ms, before SIGKILL. */
const STOP_TIMEOUT_MS = 15_000
/** Pause between two checks whether a server is ready or gone, in ms. */
const POLL_MS = 25
/** Delay in seconds between the death of the owner and the stop of its server. Game servers, which end within 4 s (orphanGuard.ts), save in that time. */
const ORPHAN_DELAY_S = 5
/**
 * Run by /bin/sh with the pid, the path of `process.json` and a signal name. Its standard input is a pipe that only the owner holds open, so `read`
 * returns when the owner has died. The server is stopped only if `process.json` still names it: another start may have replaced it by then.
 */
const watchdog = `read -r _; sleep ${ORPHAN_DELAY_S}; grep -q "\\"pid\\":$1," "$2" && kill -s "$3" "$1"`

/** A database server that this process starts and stops. Its folder holds `process.json` (pids of the server and its owner) and `log`. */
export interface OwnedProcessOptions {
  /** Name for messages: `PostgreSQL`. */
  what: string
  folder: string
  command: string
  args: readonly string[]
  /** Text in the command line of the running server. It identifies the process when `command` is only a launcher. */
  program: string
  uid?: number | undefined
  gid?: number | undefined
  /** Signal for a quick, orderly stop. */
  stopSignal: NodeJS.Signals
  /** Resolves when the server answers. Called again while it rejects. */
  ready: (signal: AbortSignal) => Promise<void>
}

const record = z.object({ pid: z.int(), owner: z.int(), program: z.string() })

export interface OwnedProcess extends AsyncDisposable {
  pid: number
  /** Resolves when the process has ended, for whatever reason. */
  ended: Promise<unknown>
}

/** Starts the server and waits until it answers. Throws SERVICE_NOT_STARTED with the last lines of its log. The server stops when this process ends. */
export async function startOwned(options: OwnedProcessOptions): Promise<OwnedProcess> {
  const { what, folder } = options
  const logFile = join(folder, 'log')
  const log = openSync(logFile, 'w')
  // `detached`: its own process group, so that Ctrl-C reaches only this process, which stops the databases last.
  // Output goes to a file, not to a pipe: a pipe would break when the owner is killed.
  const child = spawn(options.command, options.args, {
    stdio: ['ignore', log, log],
    detached: true,
    cwd: '/',
    ...defined({ uid: options.uid, gid: options.gid }),
  })
  closeSync(log)
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`))
  })
  const { pid } = child
  if (pid === undefined) throw new StrataError('SERVICE_NOT_STARTED', { what, problem: await exited })
  child.unref()
  // Last resort, for `process.exit` without disposal.
  const atExit = (): void => void child.kill(options.stopSignal)
  process.once('exit', atExit)
  // Synchronous: a kill during an asynchronous write would leave a server that no later start can find.
  const processFile = join(folder, 'process.json')
  writeFileSync(processFile, JSON.stringify({ pid, owner: process.pid, program: options.program }))
  const endWatchdog = stopWhenOrphaned(pid, processFile, options.stopSignal)
  const cleared = exited.then(() => {
    process.off('exit', atExit)
    return endWatchdog()
  })
  try {
    await untilReady(options.ready, exited)
  } catch (error) {
    await stopChild(child, exited, options)
    const tail = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-5).join(' | ')
    throw new StrataError('SERVICE_NOT_STARTED', { what, problem: `${error instanceof Error ? error.message : String(error)}. ${tail}` }, { cause: error })
  }
  return { pid, ended: exited, [Symbol.asyncDispose]: () => stopChild(child, cleared, options) }
}

/** Starts the watchdog, which survives SIGKILL of this process. Returns how to end it; the promise resolves when it has ended. Windows has no /bin/sh: there a killed owner leaves its server running until the next start. */
function stopWhenOrphaned(pid: number, processFile: string, stopSignal: NodeJS.Signals): () => Promise<void> {
  if (process.platform === 'win32') return () => Promise.resolve()
  const args = ['-c', watchdog, 'watchdog', String(pid), processFile, stopSignal.replace('SIG', '')]
  const guard = spawn('/bin/sh', args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' })
  const ended = new Promise<void>((done) => {
    guard.once('error', () => done())
    guard.once('exit', () => done())
  })
  guard.stdin.on('error', () => undefined)
  guard.unref()
  ;(guard.stdin as unknown as { unref(): void }).unref() // a pipe is a socket
  return () => {
    guard.ref()
    guard.kill('SIGKILL')
    return ended
  }
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

async function stopChild(child: ChildProcess, exited: Promise<unknown>, options: OwnedProcessOptions): Promise<void> {
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
 * Stops the server of an earlier run that still uses the same files, for example a few seconds after `kill -9` of its owner.
 * Throws ALREADY_RUNNING when the owner is alive: Strata already runs in this folder.
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

/** Command line of a process; undefined when it does not exist. Tells our process from another one that got the same pid later. */
export function commandOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0)
    // A zombie has an empty command line and counts as ended. Slim images have no `ps`, macOS has no `/proc`.
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 }).trim() || undefined
  } catch {
    return undefined
  }
}
