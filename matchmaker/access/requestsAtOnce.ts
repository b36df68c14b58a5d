import { StrataError } from '../../model/errors.ts'

/** How soon a refused client should try again, in s. */
const RETRY_SECONDS = 1

/**
 * Bounds the requests that one matchmaker works on at the same time. Without a bound, twice the load that the machine serves makes each answer later than the
 * one before, until all clients have given up and the process works for nobody. A refusal costs a small part of a request.
 */
export class RequestsAtOnce {
  readonly #limit: number
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get running(): number {
    return this.#running
  }

  /** Throws OVERLOADED. The caller calls the result once, when the answer has been sent or the client has gone. */
  begin(): () => void {
    if (this.#running >= this.#limit) throw new StrataError('OVERLOADED', { seconds: RETRY_SECONDS })
    this.#running++
    let ended = false
    return () => {
      if (!ended) this.#running--
      ended = true
    }
  }
}
