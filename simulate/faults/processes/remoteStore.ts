import type { Leadership, Store } from '../../../store/store.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Network } from '../kernel/network.ts'
import type { Process } from '../kernel/process.ts'

/** As `store/database/database.ts`: the statement's own timeout, and a margin. */
const QUERY_TIMEOUT_MS = 6_000
/** As `store/database/leadership.ts`. */
const PING_EVERY_MS = 1_000
const PING_TIMEOUT_MS = 3_000
const SILENCE_MS = 8_000

/** Who holds the one advisory lock; the server lets it go when its holder is silent. */
export class LeaderLock {
  #holder: { process: Process; heard: number } | undefined

  take(process: Process, now: number): boolean {
    const holder = this.#holder
    if (holder !== undefined && holder.process !== process && !holder.process.dead && now - holder.heard < SILENCE_MS) return false
    this.#holder = { process, heard: now }
    return true
  }
  ping(process: Process, now: number): boolean {
    if (this.#holder?.process !== process || now - this.#holder.heard >= SILENCE_MS) return false
    this.#holder.heard = now
    return true
  }
  release(process: Process): void {
    if (this.#holder?.process === process) this.#holder = undefined
  }
  /** The server restarted: nobody holds anything. */
  clear(): void {
    this.#holder = undefined
  }
}

type Method = (...args: unknown[]) => unknown

/** The database as one process reaches it: over a pool of connections, so that nothing keeps the order of calls. */
export function remoteStore<S extends Store>(kernel: Kernel, network: Network, store: S, lock: LeaderLock, from: Process): S {
  const call = <T>(what: string, run: () => Promise<T>, deadlineMs = QUERY_TIMEOUT_MS): Promise<T> =>
    network.call(from, 'store', run, { what, deadlineMs, ordered: false })
  const tryLead = async (): Promise<Leadership | undefined> => {
    if (!(await call('tryLead', async () => lock.take(from, kernel.now()), PING_TIMEOUT_MS))) return undefined
    const lost = new AbortController()
    const ping = async (): Promise<void> => {
      try {
        if (!(await call('ping of the leader', async () => lock.ping(from, kernel.now()), PING_TIMEOUT_MS))) throw new Error('the server let the lock go')
        if (!lost.signal.aborted) timer = setTimeout(() => void ping(), PING_EVERY_MS)
      } catch (error) {
        lost.abort(error)
      }
    }
    let timer = setTimeout(() => void ping(), PING_EVERY_MS)
    const end = async (): Promise<void> => {
      clearTimeout(timer)
      await call('end of the lead', async () => lock.release(from), PING_TIMEOUT_MS).catch(() => undefined)
    }
    return { lost: lost.signal, [Symbol.asyncDispose]: end }
  }
  const answer = (name: string | symbol) => {
    if (name === 'tryLead') return tryLead
    if (name === Symbol.asyncDispose) return async () => {}
    return (...args: unknown[]) => {
      // The driver writes the parameters out at once: what changes afterwards is not in them.
      const sent = name === 'ping' ? args : structuredClone(args)
      return call(String(name), async () => Reflect.apply(Reflect.get(store, name) as Method, store, sent) as Promise<unknown>)
    }
  }
  // Each method of the port is a call: the proxy has all of them.
  return new Proxy({} as S, { get: (_target, name) => (name === 'then' ? undefined : answer(name)) })
}
