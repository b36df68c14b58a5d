import { LRUCache } from 'lru-cache'
import type { Clock, DurationMs } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'

/** Attempts with one name within the window, until one succeeds. */
export const ATTEMPTS_PER_NAME = 10
/** Attempts from one address within the window. Behind a proxy all people share its address. */
const ATTEMPTS_PER_ADDRESS = 100
const WINDOW_MS: DurationMs = 60_000
/** Names and addresses that are remembered; the oldest are forgotten first. */
const REMEMBERED = 10_000

/** Limits sign-ins, so that nobody can try many passwords. */
export class LoginLimit {
  readonly #clock: Clock
  readonly #attempts = new LRUCache<string, { count: number; since: number }>({ max: REMEMBERED })

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts an attempt. Throws TOO_MANY_REQUESTS. */
  begin(address: string, name: string): void {
    this.#count(`address ${address}`, ATTEMPTS_PER_ADDRESS)
    if (name !== '') this.#count(`name ${name}`, ATTEMPTS_PER_NAME)
  }

  succeeded(name: string): void {
    this.#attempts.delete(`name ${name}`)
  }

  #count(key: string, limit: number): void {
    const now = this.#clock.now()
    const known = this.#attempts.get(key)
    const { count, since } = known === undefined || now - known.since >= WINDOW_MS ? { count: 0, since: now } : known
    if (count >= limit) throw new StrataError('TOO_MANY_REQUESTS', { seconds: Math.ceil((since + WINDOW_MS - now) / 1000) })
    this.#attempts.set(key, { count: count + 1, since })
  }
}
