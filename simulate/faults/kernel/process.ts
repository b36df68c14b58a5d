import type { DurationMs, Instant } from '../../../model/clock.ts'

/** One incarnation of a process; a restart makes another one of the same name. */
export class Process {
  readonly name: string
  /** Killed: its timers never fire, its calls are never answered, what is on the way to it is lost. */
  dead = false
  /** Stopped (SIGSTOP, a pause of the machine) until then. */
  stalledUntil: Instant = 0
  /** Its own clock goes wrong by so much. */
  aheadMs: DurationMs = 0
  #traps: { left: number; strike(): void }[] = []
  readonly #onDeath: (() => void)[] = []

  constructor(name: string) {
    this.name = name
  }

  onDeath(listener: () => void): void {
    this.#onDeath.push(listener)
  }

  kill(): void {
    if (this.dead) return
    this.dead = true
    for (const listener of this.#onDeath) listener()
  }

  /** Strikes at one of the next awaits that leave the process (a call, an answer); with 0 at once. */
  trap(awaits: number, strike: () => void): void {
    if (awaits === 0) strike()
    else this.#traps.push({ left: awaits, strike })
  }
  disarm(): void {
    this.#traps = []
  }

  /** Said by the network at each await; a trap may kill or stop the process right here. */
  reachAwait(): void {
    if (this.#traps.length === 0) return
    const sprung = this.#traps.filter((trap) => --trap.left <= 0)
    this.#traps = this.#traps.filter((trap) => trap.left > 0)
    for (const trap of sprung) trap.strike()
  }
}
