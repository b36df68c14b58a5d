import type { DurationMs } from '../../../model/clock.ts'
import type { LoadLevel } from '../../../model/load.ts'
import type { ZoneCore } from '../core.ts'
import { LoadLevels } from './loadLevel.ts'

/** How short of CPU one room is, and whether it may take its next step. */
export class RoomLoad<State, Input> {
  readonly #core: ZoneCore<State, Input>
  readonly #levels: LoadLevels
  readonly #stepMs: DurationMs
  #endedAt = Number.NEGATIVE_INFINITY
  #tookMs: DurationMs = 0

  constructor(core: ZoneCore<State, Input>) {
    this.#core = core
    this.#levels = new LoadLevels(core.tickRate)
    this.#stepMs = 1000 / core.tickRate
  }

  /** 0 while another room of this process uses too much: that one has to give way. */
  get level(): LoadLevel {
    const { shares } = this.#core.services
    return shares === undefined || shares.hasToGiveWay(this.#core.copy) ? this.#levels.level : 0
  }

  /**
   * Whether the step may run now. A room that uses more than its fair share pauses after each step for as long as the step took, so that the others get their
   * turns; its world goes slower meanwhile.
   */
  mayStep(nowMs: number): boolean {
    const { services, copy } = this.#core
    if (services.shares?.exceedsFairShare(copy) !== true || nowMs - this.#endedAt >= this.#tookMs) return true
    services.metrics.skippedSteps.inc()
    return false
  }

  began(nowMs: number): void {
    this.#core.services.metrics.stepLag.observe(this.#levels.step(nowMs) / 1000)
  }

  ended(beganMs: number, nowMs: number): void {
    this.#endedAt = nowMs
    this.#tookMs = nowMs - beganMs
    this.#core.services.shares?.record(this.#core.copy, this.#tookMs, this.#stepMs)
  }
}
