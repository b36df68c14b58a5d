/** Number of snapshots behind each estimate: about 6 s at 10 a second. Longer windows follow a change of the route later, shorter ones are less even. */
const WINDOW = 64
/** A snapshot that follows the one before within this share of their spacing was held up behind it: both are late for one reason, which counts once. */
const HELD_UP = 0.25
/** Steps from one snapshot to the next until they are known: the default of `ZoneRoom.showEvery`. */
const ASSUMED_STEPS = 2
/** Step of a server that has not stated its tick rate yet, in ms. */
const ASSUMED_STEP_MS = 50

/**
 * Estimates the time of one server from the arrivals of its snapshots. A snapshot that arrives without delay on the way shows which step belongs to which
 * moment of this machine's clock, and of many snapshots the earliest, counted from their steps, had the least delay. No round trip is needed: all that a
 * client shows has travelled the same way. All times in ms; those of this machine are from `performance.now()`.
 */
export class ServerClock {
  readonly #ticks = new Float64Array(WINDOW)
  readonly #arrivals = new Float64Array(WINDOW)
  /** Steps since the snapshot before; 0 where one of the two was empty: the server had nothing to send for a while. */
  readonly #gaps = new Float64Array(WINDOW)
  #empty = false
  readonly #sorted = new Float64Array(WINDOW)
  #stepMs = ASSUMED_STEP_MS
  #count = 0
  #baseMs = 0
  #stale = false

  /** Duration of one step. Set it from the tick rate as soon as the server states it. */
  get stepMs(): number {
    return this.#stepMs
  }
  set stepMs(stepMs: number) {
    this.#stepMs = stepMs
    this.#stale = this.#count > 0
  }
  /** Whether a snapshot has arrived. */
  get known(): boolean {
    return this.#count > 0
  }
  /** Step of the newest snapshot. */
  get newestTick(): number {
    return this.#count === 0 ? 0 : (this.#ticks[(this.#count - 1) % WINDOW] ?? 0)
  }

  /** A snapshot has arrived. `empty`: it says only that nothing has changed. */
  received(tick: number, nowMs: number, empty = false): void {
    if (this.#count > 0 && tick <= this.newestTick) return
    this.#gaps[this.#count % WINDOW] = this.#count === 0 || empty || this.#empty ? 0 : tick - this.newestTick
    this.#empty = empty
    this.#ticks[this.#count % WINDOW] = tick
    this.#arrivals[this.#count % WINDOW] = nowMs
    this.#count++
    this.#stale = true
  }

  /** The server's time whose snapshot would arrive at `nowMs` if it had no delay beyond the least one. Step n happens at n × `stepMs`. */
  serverMs(nowMs: number): number {
    return nowMs - this.#base
  }

  /** Delay beyond the least one that this share of the snapshots did not exceed. After a stall several come at once; of these the first counts. */
  latenessMs(share: number): number {
    const length = this.#fill((index, previous) => (previous !== undefined && this.#isHeldUp(index, previous) ? undefined : this.#offset(index)))
    return length === 0 ? 0 : this.#quantile(length, share) - this.#base
  }

  /** Usual time between two snapshots with changes. */
  get spacingMs(): number {
    const length = this.#fill((index) => ((this.#gaps[index] ?? 0) > 0 ? (this.#gaps[index] ?? 0) * this.#stepMs : undefined))
    return length === 0 ? ASSUMED_STEPS * this.#stepMs : this.#quantile(length, 0.5)
  }

  get #base(): number {
    if (this.#stale) {
      this.#stale = false
      this.#baseMs = Number.POSITIVE_INFINITY
      for (let index = 0; index < Math.min(this.#count, WINDOW); index++) this.#baseMs = Math.min(this.#baseMs, this.#offset(index))
    }
    return this.#baseMs
  }

  #offset(index: number): number {
    return (this.#arrivals[index] ?? 0) - (this.#ticks[index] ?? 0) * this.stepMs
  }

  #isHeldUp(index: number, previous: number): boolean {
    const between = (of: Float64Array): number => (of[index] ?? 0) - (of[previous] ?? 0)
    return between(this.#arrivals) < HELD_UP * between(this.#ticks) * this.#stepMs
  }

  /** Sorts one value per snapshot, oldest first; values that are undefined are left out. Returns how many there are. */
  #fill(value: (index: number, previous: number | undefined) => number | undefined): number {
    let length = 0
    const first = Math.max(0, this.#count - WINDOW)
    for (let count = first; count < this.#count; count++) {
      const one = value(count % WINDOW, count === first ? undefined : (count - 1) % WINDOW)
      if (one !== undefined) this.#sorted[length++] = one
    }
    this.#sorted.subarray(0, length).sort()
    return length
  }

  #quantile(length: number, share: number): number {
    return this.#sorted[Math.min(length - 1, Math.floor(share * length))] ?? 0
  }
}
