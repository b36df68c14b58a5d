import type { Leadership, Store } from '../../../store/store.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Network } from '../kernel/network.ts'
import type { Process } from '../kernel/process.ts'

/** Deadline of a query, in ms; as in `store/database/database.ts`: the statement's own timeout plus a margin. */
const QUERY_TIMEOUT_MS = 6_000
/** The times of `store/database/leadership.ts`: interval and deadline of the leader's ping, and the silence after which the server releases the lock. */
const PING_EVERY_MS = 1_000
const PING_TIMEOUT_MS = 3_000
const SILENCE_MS = 8_000

/** The advisory lock of the leader. The server releases it when its holder has been silent for SILENCE_MS. */
export class LeaderLock {
  #holder: { process: Process; lastPingAt: number } | undefined

  take(process: Process, now: number): boolean {
    const holder = this.#holder
    if (holder !== undefined && holder.process !== process && !holder.process.dead && now - holder.lastPingAt < SILENCE_MS) return false
    this.#holder = { process, lastPingAt: now }
    return true
  }
  ping(process: Process, now: number): boolean {
    if (this.#holder?.process !== process || now - this.#holder.lastPingAt >= SILENCE_MS) return false
    this.#holder.lastPingAt = now
    return true
  }
  release(process: Process): void {
    if (this.#holder?.process === process) this.#holder = undefined
  }
  /** The database server restarted: the lock is free. */
  clear(): void {
    this.#holder = undefined
  }
}

export interface RemoteStoreParts<S extends Store> {
  kernel: Kernel
  network: Network
  store: S
  lock: LeaderLock
}

type Method = (...args: unknown[]) => unknown

/** The database as one process reaches it: over a pool of connections, which does not keep the order of calls. */
export function remoteStore<S extends Store>(from: Process, { kernel, network, store, lock }: RemoteStoreParts<S>): S {
  const call = <T>(what: string, run: () => Promise<T>, deadlineMs = QUERY_TIMEOUT_MS): Promise<T> =>
    network.call(from, 'store', run, { what, deadlineMs, ordered: false })
  const tryLead = async (): Promise<Leadership | undefined> => {
    if (!(await call('tryLead', async () => lock.take(from, kernel.now()), PING_TIMEOUT_MS))) return undefined
    const lost = new AbortController()
    const ping = async (): Promise<void> => {
      try {
        if (!(await call('ping of the leader', async () => lock.ping(from, kernel.now()), PING_TIMEOUT_MS)))
          throw new Error('the database server released the lock')
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
  const methodOf = (name: string | symbol) => {
    if (name === 'tryLead') return tryLead
    if (name === Symbol.asyncDispose) return async () => {}
    return (...args: unknown[]) => {
      // The driver serializes the parameters at once, so later changes to them are not sent.
      const sent = name === 'ping' ? args : structuredClone(args)
      return call(String(name), async () => Reflect.apply(Reflect.get(store, name) as Method, store, sent) as Promise<unknown>)
    }
  }
  // The proxy turns every method of the port into a network call.
  return new Proxy({} as S, { get: (_target, name) => (name === 'then' ? undefined : methodOf(name)) })
}
