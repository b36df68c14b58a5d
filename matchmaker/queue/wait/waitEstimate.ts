import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { MapName } from '../../../model/ids.ts'
import type { LineEntry, LinePosition } from '../../../model/line.ts'
import { Advance, STEP_MS } from './advance.ts'
import { Answers } from './answers.ts'
import { Calibration } from './calibration.ts'

/** Whoever is not seen for so long has left or is answered by another matchmaker. */
const FORGET_MS: DurationMs = 2 * 60_000
const MOST_TRACKED = 20_000
/** Fewer turns than this are chance. */
const LEAST_TURNS = 4
/** So far back forecasts are compared with what came: 4 s, 8 s, … 256 s. */
const HORIZONS: readonly number[] = [4, 8, 16, 32, 64, 128, 256].map((seconds) => (seconds * 1_000) / STEP_MS)

interface Seen {
  position: number
  last: Instant
  /** How many turns had come by then. */
  turns: number
}

interface Line {
  advance: Advance
  calibration: Calibration
  answers: Answers
  seen: Map<string, Seen>
  comparedAt: Instant
}

/**
 * How long the wait will be. The mean comes from the pace at which the line moves now (`advance.ts`); how far from it the range lies is
 * learned (`calibration.ts`) from what would have been told some seconds or minutes ago, compared with what came: no wait has to end for it,
 * so that a storm's first ranges are right before its first long wait is over. Lost without harm when the process restarts: a few seconds tell it anew.
 */
export class WaitEstimate {
  readonly #lines = new Map<MapName, Line>()

  /** Somebody's turn came, at whichever matchmaker. */
  turn(map: MapName, now: Instant): void {
    const line = this.#line(map)
    line.advance.turn(now)
    compare(line, now)
  }

  /** A position that was seen; -1 for whoever was just promoted. */
  observe({ map, id }: Pick<LineEntry, 'map' | 'id'>, position: number, now: Instant): void {
    const { advance, seen } = this.#line(map)
    const before = seen.get(id)
    if (before !== undefined && now > before.last && now - before.last < FORGET_MS) {
      advance.gained(Math.max(0, before.position - position), advance.turns - before.turns, now)
    }
    // Deleted first, so that the key moves to the end: the oldest are forgotten first.
    seen.delete(id)
    if (position < 0) return
    seen.set(id, { position, last: now, turns: advance.turns })
    if (seen.size > MOST_TRACKED) for (const oldest of seen.keys()) return void seen.delete(oldest)
  }

  estimate(map: MapName, position: number, now: Instant): LinePosition['waitMs'] {
    const line = this.#line(map)
    compare(line, now)
    const turns = (position + 1) / line.advance.share
    const pace = line.advance.pace(turns, now)
    if (pace === undefined) return 'unknown'
    line.answers.tell(stepOf(now))
    return line.calibration.range({ turns, known: pace.places, meanMs: turns / pace.perMs })
  }

  #line(map: MapName): Line {
    const line = this.#lines.get(map) ?? {
      advance: new Advance(),
      calibration: new Calibration(),
      answers: new Answers(),
      seen: new Map<string, Seen>(),
      comparedAt: 0,
    }
    this.#lines.set(map, line)
    return line
  }
}

/** Once a step. */
function compare(line: Line, now: Instant): void {
  if (now - line.comparedAt < STEP_MS) return
  line.comparedAt = now
  const last = stepOf(now) - 1
  for (const steps of HORIZONS) {
    const past = line.advance.hindsight(steps, now)
    if (past === undefined) return
    const { pace, turns, tookMs } = past
    if (pace.perMs * tookMs < LEAST_TURNS) continue
    // A line that stood still all the time was at least not faster than one turn.
    const forecast = { turns: Math.max(1, turns), known: pace.places, meanMs: Math.max(1, turns) / pace.perMs }
    line.calibration.learn(forecast, tookMs, line.answers.weight(last - steps), now)
  }
}

function stepOf(now: Instant): number {
  return Math.floor(now / STEP_MS)
}
