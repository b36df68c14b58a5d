import { createHash } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'
import type { DurationMs } from '../../../model/clock.ts'
import type { Random } from '../../../model/random.ts'
import type { Handle, Kernel } from './kernel.ts'

/** A timer as production code handles it. */
class Timer implements Disposable {
  readonly #kernel: Kernel
  readonly #run: () => void
  readonly #everyMs: DurationMs | undefined
  #handle: Handle

  constructor(kernel: Kernel, run: () => void, ms: DurationMs, repeat: boolean) {
    this.#kernel = kernel
    this.#run = run
    this.#everyMs = repeat ? ms : undefined
    this.#handle = this.#arm(ms)
  }

  #arm(ms: DurationMs): Handle {
    return this.#kernel.after(this.#kernel.current, ms, () => {
      if (this.#everyMs !== undefined) this.#handle = this.#arm(this.#everyMs)
      this.#run()
    })
  }

  cancel(): void {
    this.#handle.cancelled = true
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  hasRef(): boolean {
    return true
  }
  [Symbol.dispose](): void {
    this.cancel()
  }
}

/**
 * Puts virtual time and seeded chance under code that knows nothing of it, as fake timers in tests do: everything that
 * waits or asks the time in this process then does so in the kernel's. Disposing puts the real ones back.
 */
export function installGlobals(kernel: Kernel, random: Random): Disposable {
  const undo: (() => void)[] = []
  const replace = (target: object, name: string, value: unknown): void => {
    const before = Object.getOwnPropertyDescriptor(target, name)
    Object.defineProperty(target, name, { value, configurable: true, writable: true })
    undo.push(() => (before === undefined ? Reflect.deleteProperty(target, name) : Object.defineProperty(target, name, before)))
  }
  const legible = (ms: unknown): DurationMs => Math.max(1, typeof ms === 'number' && ms < 2 ** 31 ? Math.trunc(ms) : 1)
  const start =
    (repeat: boolean) =>
    (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
      new Timer(kernel, () => run(...args), legible(ms), repeat)
  const clear = (timer: unknown): void => (timer instanceof Timer ? timer.cancel() : undefined)
  replace(globalThis, 'setTimeout', start(false))
  replace(globalThis, 'setInterval', start(true))
  replace(globalThis, 'clearTimeout', clear)
  replace(globalThis, 'clearInterval', clear)
  replace(timers, 'setTimeout', <T>(ms?: number, value?: T, { signal }: { signal?: AbortSignal } = {}) => pause(kernel, legible(ms), value, signal))
  syncBuiltinESMExports()
  undo.push(() => queueMicrotask(syncBuiltinESMExports))
  replace(AbortSignal, 'timeout', (ms: number) => timeoutSignal(kernel, legible(ms)))
  replace(Date, 'now', () => kernel.now())
  replace(performance, 'now', () => kernel.elapsed)
  replace(Math, 'random', random)
  // Signatures take their time on other threads, and are not what is looked at here: a digest stands in for them.
  const digest = (data: BufferSource): Uint8Array => createHash('sha512').update(bytes(data)).digest()
  replace(crypto.subtle, 'sign', async (_algorithm: unknown, _key: unknown, data: BufferSource) => new Uint8Array(digest(data)).buffer)
  replace(crypto.subtle, 'verify', async (_algorithm: unknown, _key: unknown, signature: BufferSource, data: BufferSource) =>
    Buffer.from(bytes(signature)).equals(digest(data)),
  )
  return {
    [Symbol.dispose]() {
      for (const one of undo.reverse()) one()
    },
  }
}

function bytes(source: BufferSource): Uint8Array {
  return source instanceof ArrayBuffer ? new Uint8Array(source) : new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
}

function pause<T>(kernel: Kernel, ms: DurationMs, value: T, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(aborted(signal))
    const stop = (): void => {
      due.cancelled = true
      reject(aborted(signal))
    }
    const due = kernel.after(kernel.current, ms, () => {
      signal?.removeEventListener('abort', stop)
      resolve(value)
    })
    signal?.addEventListener('abort', stop, { once: true })
  })
}

function aborted(signal: AbortSignal | undefined): Error {
  return Object.assign(new Error('The operation was aborted', { cause: signal?.reason }), { name: 'AbortError', code: 'ABORT_ERR' })
}

function timeoutSignal(kernel: Kernel, ms: DurationMs): AbortSignal {
  const controller = new AbortController()
  kernel.after(kernel.current, ms, () => controller.abort(Object.assign(new Error('The operation was aborted due to timeout'), { name: 'TimeoutError' })))
  return controller.signal
}
