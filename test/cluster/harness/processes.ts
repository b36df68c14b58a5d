import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Should the tests be killed, the kernel ends what they started: nothing is left on the machine. */
const guard = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--'] : []

export interface Launch {
  command: readonly string[]
  log: string
  env: NodeJS.ProcessEnv
  cwd?: string
}

/** In a process group of its own: a command is often a shell with children, and signals go to all of them. */
export function launch({ command, log, env, cwd }: Launch): ChildProcess {
  const output = openSync(log, 'a')
  const [first = '', ...rest] = [...guard, ...command]
  try {
    return spawn(first, rest, { env, detached: true, stdio: ['ignore', output, output], ...(cwd === undefined ? {} : { cwd }) })
  } finally {
    closeSync(output)
  }
}

/** Below the range that the kernel gives to outgoing connections, which could take a port between this check and its use. */
let next = 10_000 + Math.floor(Math.random() * 190) * 100

export async function freePort(): Promise<number> {
  for (;;) {
    const port = next
    next = next >= 29_999 ? 10_000 : next + 1
    if (await isFree(port)) return port
  }
}

/** Does nobody on this machine listen there? */
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

/** The control plane's processes, in the order of their start. One that ends by itself is told with the end of its log. */
export class Processes {
  readonly #folder: string
  readonly #entries: Entry[] = []

  constructor(folder: string) {
    this.#folder = folder
  }

  /** With `restarts`, one that ends by itself is started again, as a Deployment would: Agones' controller panics now and then after a gap in its watch. */
  start(name: string, command: readonly string[], env: Record<string, string> = {}, { restarts = false } = {}): void {
    const child = launch({ command, log: this.#log(name), env: { ...process.env, ...env } })
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const entry = { name, child, ended, expected: false }
    this.#entries.push(entry)
    child.once('error', () => resolve()).once('exit', () => resolve())
    void ended.then(async () => {
      if (entry.expected) return
      process.stderr.write(`cluster: ${name} ended by itself; the end of its log:\n${this.tail(name)}\n`)
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

  /** Waits until the check holds; throws with the end of that process's log. */
  async until(name: string, check: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
    let last = 'it never held'
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

  /** Those that call the API server first, then it, then etcd: nobody logs a storm of refused connections. */
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
    // Gone meanwhile.
  }
}
