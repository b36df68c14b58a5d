import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { root } from './codeBlocks.ts'

/** A child process that keeps its output; disposing sends Ctrl-C. */
export class OutputProcess implements AsyncDisposable {
  output = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #checks = new Set<() => void>()

  constructor(settings: Record<string, string>, script: string, ...args: string[]) {
    // Starts its own Redis and PostgreSQL: all tests share the ones in these variables.
    const { REDIS_URL: _redis, DATABASE_URL: _database, ...env } = process.env
    this.#child = spawn(process.execPath, [script, ...args], { cwd: root, env: { ...env, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString()
        for (const check of this.#checks) check()
      })
    }
    this.#ended = once(this.#child, 'exit')
  }

  async prints(what: string | RegExp, withinMs: number): Promise<void> {
    const found = (): boolean => (typeof what === 'string' ? this.output.includes(what) : what.test(this.output))
    const printed = Promise.withResolvers<void>()
    const check = (): void => (found() ? printed.resolve() : undefined)
    this.#checks.add(check)
    const timer = setTimeout(() => printed.reject(new Error(`not printed within ${withinMs} ms: ${what}\n${this.output}`)), withinMs)
    check()
    await Promise.race([printed.promise, this.#ended.then(() => printed.reject(new Error(`ended before it printed ${what}\n${this.output}`)))]).finally(() => {
      clearTimeout(timer)
      this.#checks.delete(check)
    })
    await printed.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGINT')
    await this.#ended
  }
}
