import { createHash } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'
import type { DurationMs } from '../../../model/clock.ts'
import type { Random } from '../../../model/random.ts'
import type { Handle, Kernel } from './kernel.ts'

/** A timer with the interface of Node's timers. */
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
 * Replaces timers, clocks and random numbers of this process by virtual time and a seeded generator, as fake timers in tests do. The code under test needs no
 * change. Disposing restores the originals.
 */
export function installGlobals(kernel: Kernel, random: Random): Disposable {
  const undo: (() => void)[] = []
  const replace = (target: object, name: string, value: unknown): void => {
    const before = Object.getOwnPropertyDescriptor(target, name)
    Object.defineProperty(target, name, { value, configurable: true, writable: true })
    undo.push(() => (before === undefined ? Reflect.deleteProperty(target, name) : Object.defineProperty(target, name, before)))
  }
  const normalized = (ms: unknown): DurationMs => Math.max(1, typeof ms === 'number' && ms < 2 ** 31 ? Math.trunc(ms) : 1)
  const start =
    (repeat: boolean) =>
    (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
      new Timer(kernel, () => run(...args), normalized(ms), repeat)
  const clear = (timer: unknown): void => (timer instanceof Timer ? timer.cancel() : undefined)
  replace(globalThis, 'setTimeout', start(false))
  replace(globalThis, 'setInterval', start(true))
  replace(globalThis, 'clearTimeout', clear)
  replace(globalThis, 'clearInterval', clear)
  replace(timers, 'setTimeout', <T>(ms?: number, value?: T, { signal }: { signal?: AbortSignal } = {}) => pause(kernel, normalized(ms), value, signal))
  syncBuiltinESMExports()
  undo.push(() => queueMicrotask(syncBuiltinESMExports))
  replace(AbortSignal, 'timeout', (ms: number) => timeoutSignal(kernel, normalized(ms)))
  replace(Date, 'now', () => kernel.now())
  replace(performance, 'now', () => kernel.elapsed)
  replace(Math, 'random', random)
  // Real signatures run on other threads in real time and are not under test here: a digest replaces them.
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
