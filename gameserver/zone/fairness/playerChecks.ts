import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { LostTrust } from '../../../model/fairness.ts'
import { Cooldowns } from './cooldowns.ts'
import { IntervalStatistics } from './intervals.ts'
import { MovementCheck } from './movement.ts'
import { TimeBudget } from './timeBudget.ts'
import { ViolationCounter } from './violationCounter.ts'

/** What the room keeps of one character to judge what its client claims. */
export class PlayerChecks {
  readonly time: TimeBudget
  readonly movement: MovementCheck
  readonly cooldowns = new Cooldowns()
  readonly intervals = new IntervalStatistics()
  readonly counter = new ViolationCounter()
  /** Saved with the character. */
  lostTrust: LostTrust | undefined

  /** `earnedMs`: how long the client of a moved character could play before the character arrived here. */
  constructor({ now, earnedMs = 0, lostTrust }: { now: Instant; earnedMs?: DurationMs; lostTrust?: LostTrust | undefined }) {
    this.time = new TimeBudget({ now, earnedMs })
    this.movement = new MovementCheck(this.time)
    this.lostTrust = lostTrust
  }
}
