import type { DurationMs, Instant } from '../../../model/clock.ts'

/** One incarnation of a process. A restart creates another one with the same name. */
export class Process {
  readonly name: string
  /** Killed: its timers never fire, its calls get no response, messages to it are lost. */
  dead = false
  /** Paused (SIGSTOP, or a paused machine) until this instant. */
  stalledUntil: Instant = 0
  /** How far its clock is ahead, in ms; negative when it is behind. */
  clockAheadMs: DurationMs = 0
  #failpoints: { left: number; strike(): void }[] = []
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

  /** Runs `strike` at the `awaits`-th next await that leaves the process (a call or its response); at once when `awaits` is 0. */
  addFailpoint(awaits: number, strike: () => void): void {
    if (awaits === 0) strike()
    else this.#failpoints.push({ left: awaits, strike })
  }
  /** Removes the failpoints that were not reached. */
  clearFailpoints(): void {
    this.#failpoints = []
  }

  /** The network calls this at each await. A failpoint may kill or pause the process at this very point. */
  reachAwait(): void {
    if (this.#failpoints.length === 0) return
    const reached = this.#failpoints.filter((trap) => --trap.left <= 0)
    this.#failpoints = this.#failpoints.filter((trap) => trap.left > 0)
    for (const trap of reached) trap.strike()
  }
}
