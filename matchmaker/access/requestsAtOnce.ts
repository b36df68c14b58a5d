import { Gauge, type Registry } from 'prom-client'
import { StrataError } from '../../model/errors.ts'

/** How soon a refused client should try again, in s. */
const RETRY_SECONDS = 1
/** Requests of one player at the same time. A game client has one or two; without this bound a few clients would use up the places of all. */
const PER_PLAYER = 4

/**
 * Bounds the requests that one matchmaker works on at the same time. Without a bound, twice the load that the machine serves makes each answer later than the
 * one before, until all clients have given up and the process works for nobody. A refusal costs a small part of a request.
 */
export class RequestsAtOnce {
  readonly #limit: number
  readonly #ofPlayers = new Map<string, number>()
  #running = 0

  constructor(limit: number, registry: Registry) {
    this.#limit = limit
    runningGauge(registry, () => this.#running)
  }

  /**
   * `player`: the session of a player, which has a small bound of its own. Throws OVERLOADED. The caller calls the result once, when the answer has been
   * sent or the client has gone.
   */
  begin(player?: string): () => void {
    const own = player === undefined ? 0 : (this.#ofPlayers.get(player) ?? 0)
    if (this.#running >= this.#limit || own >= PER_PLAYER) throw new StrataError('OVERLOADED', { seconds: RETRY_SECONDS })
    this.#running++
    if (player !== undefined) this.#ofPlayers.set(player, own + 1)
    return () => {
      this.#running--
      if (player === undefined) return
      const left = (this.#ofPlayers.get(player) ?? 1) - 1
      if (left > 0) this.#ofPlayers.set(player, left)
      else this.#ofPlayers.delete(player)
    }
  }
}

export function runningGauge(registry: Registry, running: () => number): void {
  new Gauge({
    name: 'strata_requests_running',
    help: 'Requests that this matchmaker works on',
    registers: [registry],
    collect() {
      this.set(running())
    },
  })
}
