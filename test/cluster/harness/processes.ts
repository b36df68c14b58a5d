import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { defined } from '../../../model/defined.ts'

/** Makes the kernel kill the started processes when the test process dies. */
const guard = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--'] : []

export interface Launch {
  command: readonly string[]
  log: string
  env: NodeJS.ProcessEnv
  cwd?: string
}

/** Starts a command in its own process group, so that signals reach the children of a shell, too. */
export function launch({ command, log, env, cwd }: Launch): ChildProcess {
  const output = openSync(log, 'a')
  const [first = '', ...rest] = [...guard, ...command]
  try {
    return spawn(first, rest, { env, detached: true, stdio: ['ignore', output, output], ...defined({ cwd }) })
  } finally {
    closeSync(output)
  }
}

/** The next port to try. Below the ephemeral range, so that no outgoing connection takes a port between the check and its use. */
let next = 10_000 + Math.floor(Math.random() * 190) * 100

export async function freePort(): Promise<number> {
  for (;;) {
    const port = next
    next = next >= 29_999 ? 10_000 : next + 1
    if (await isFree(port)) return port
  }
}

/** Whether no process listens on this port. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

const RESTART_MS = 1_000

interface Entry {
  name: string
  child: ChildProcess
  ended: Promise<void>
  expected: boolean
}

/** The control plane's processes, in the order of their start. When one exits unexpectedly, the end of its log goes to stderr. */
export class Processes {
  readonly #folder: string
  readonly #entries: Entry[] = []

  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Starts a process. With `restarts` it is started again after an unexpected exit, as a Deployment does: Agones' controller sometimes panics after a gap in
   * its watch.
   */
  start(name: string, command: readonly string[], env: Record<string, string> = {}, { restarts = false } = {}): void {
    const child = launch({ command, log: this.#log(name), env: { ...process.env, ...env } })
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const entry = { name, child, ended, expected: false }
    this.#entries.push(entry)
    child.once('error', () => resolve()).once('exit', () => resolve())
    void ended.then(async () => {
      if (entry.expected) return
      process.stderr.write(`cluster: ${name} exited unexpectedly; the end of its log:\n${this.tail(name)}\n`)
      await sleep(RESTART_MS)
      if (!restarts || entry.expected) return
      this.#entries.splice(this.#entries.indexOf(entry), 1)
      this.start(name, command, env, { restarts })
    })
  }

  tail(name: string): string {
    return this.text(name).trimEnd().split('\n').slice(-12).join('\n')
  }
  text(name: string): string {
    return readFileSync(this.#log(name), 'utf8')
  }
  #log(name: string): string {
    return join(this.#folder, `${name}.log`)
  }

  /** Waits until `check` returns true. Throws with the end of that process's log. */
  async until(name: string, check: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
    let last = 'the check returned false'
    for (const end = Date.now() + withinMs; Date.now() < end; await sleep(100)) {
      try {
        if (await check()) return
      } catch (error) {
        last = error instanceof Error ? error.message : String(error)
      }
    }
    throw new Error(`${name} was not ready within ${withinMs / 1000} s (${last}); the end of its log:\n${this.tail(name)}`)
  }

  async end(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const index = this.#entries.findIndex((entry) => entry.name === name)
    const [entry] = index === -1 ? [] : this.#entries.splice(index, 1)
    if (entry === undefined) return
    entry.expected = true
    signalGroup(entry.child, signal)
    const force = setTimeout(() => signalGroup(entry.child, 'SIGKILL'), 3_000)
    await entry.ended
    clearTimeout(force)
  }

  /** Stops the clients of the API server first, then the API server, then etcd, so that no process logs refused connections. */
  async stop(): Promise<void> {
    const last = ['etcd', 'kube-apiserver']
    await Promise.all(this.#entries.filter(({ name }) => !last.includes(name)).map(({ name }) => this.end(name)))
    await this.end('kube-apiserver')
    await this.end('etcd')
  }
}

export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // The process has exited meanwhile.
  }
}
