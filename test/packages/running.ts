import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { studioEnvironment } from './npm.ts'

/** A program that runs until the test ends. Disposing sends Ctrl-C. */
export class Running implements AsyncDisposable {
  output = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #checks = new Set<() => void>()

  constructor(folder: string, program: string, ...args: string[]) {
    this.#child = spawn(program, args, { cwd: folder, env: studioEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] })
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
    this.#child.kill('SIGINT')
    await this.#ended
  }
}
