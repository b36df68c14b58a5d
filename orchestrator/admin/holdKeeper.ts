import type { Clock, DurationMs } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import { type Hold, type HoldsInForce, holdsInForce } from '../../model/placement/hold.ts'
import type { Logger } from '../../service/log.ts'
import type { OperatorHolds } from '../../store/records/operatorHolds.ts'

/** Time between two readings, in ms: so long after another orchestrator took a hold the leader plans by it. */
const READ_EVERY_MS: DurationMs = 2_000

/** Keeps the operators' holds in memory, because every round reads them. The store has them, so that they outlive this process. */
export class HoldKeeper implements AsyncDisposable {
  readonly #store: OperatorHolds
  readonly #clock: Clock
  readonly #log: Logger
  readonly #timer: NodeJS.Timeout
  #holds: readonly Hold[] = []
  #reading: Promise<void>

  constructor(store: OperatorHolds, clock: Clock, log: Logger) {
    this.#store = store
    this.#clock = clock
    this.#log = log
    this.#reading = this.#read()
    this.#timer = setInterval(() => {
      this.#reading = this.#read()
    }, READ_EVERY_MS)
  }

  holds(): readonly Hold[] {
    const now = this.#clock.now()
    return this.#holds.filter(({ until }) => until > now)
  }

  inForce(): HoldsInForce {
    return holdsInForce(this.#holds, this.#clock.now())
  }

  /** A new leader must know the holds before it plans. */
  ready(): Promise<void> {
    return this.#reading
  }

  async add(hold: Hold): Promise<void> {
    await this.#store.addHold(hold)
    await this.#read()
  }

  /** Throws HOLD_UNKNOWN. */
  async lift(id: string): Promise<Hold> {
    const lifted = await this.#store.removeHold(id)
    if (lifted === undefined) throw new StrataError('HOLD_UNKNOWN', { id })
    await this.#read()
    return lifted
  }

  async #read(): Promise<void> {
    try {
      this.#holds = await this.#store.holds()
    } catch (error) {
      this.#log.warn({ err: error }, 'the holds of operators could not be read; those known before stay in force')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#reading
  }
}
