import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { studioEnvironment } from './npm.ts'

/** Longest time for the program to stop, in ms, before it is killed. */
const STOP_WITHIN_MS = 40_000

/** A program that runs until the test ends. It has a process group of its own, and disposing signals the whole group, as Ctrl-C in a terminal does: npm passes no SIGINT on. */
export class Running implements AsyncDisposable {
  output = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #checks = new Set<() => void>()

  constructor(folder: string, program: string, ...args: string[]) {
    this.#child = spawn(program, args, { cwd: folder, env: studioEnvironment(), stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString()
        for (const check of this.#checks) check()
      })
    }
    this.#ended = once(this.#child, 'exit')
  }

  /** The first match in what the program prints. Throws with its output when it ends before. */
  async prints(what: RegExp, withinMs = 90_000): Promise<RegExpExecArray> {
    const printed = Promise.withResolvers<RegExpExecArray>()
    const check = (): void => {
      const found = what.exec(this.output)
      if (found !== null) printed.resolve(found)
    }
    this.#checks.add(check)
    const timer = setTimeout(() => printed.reject(new Error(`not printed within ${withinMs} ms: ${what}\n${this.output}`)), withinMs)
    void this.#ended.then(() => printed.reject(new Error(`ended before it printed ${what}\n${this.output}`)))
    check()
    try {
      return await printed.promise
    } finally {
      clearTimeout(timer)
      this.#checks.delete(check)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid } = this.#child
    const signal = (name: NodeJS.Signals): void => {
      if (pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null) process.kill(-pid, name)
    }
    signal('SIGINT')
    const force = setTimeout(() => signal('SIGKILL'), STOP_WITHIN_MS)
    await this.#ended
    clearTimeout(force)
  }
}
