import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { Evidence } from '../../../model/fairness.ts'

/** Intervals that one judgement looks at. With fewer, a person who clicks in rhythm for a while would be found. */
const COUNT = 320
/** Shortest time in ms that the intervals cover. People do not keep a rhythm for five minutes. */
const LEAST_MS: DurationMs = 5 * 60_000
/** Intervals longer than this, in ms, are pauses and are left out. */
const PAUSE_MS: DurationMs = 20_000
/** Width in ms of a class of intervals. Wider than the jitter of a wired line, narrower than the spread of a person who taps in rhythm (30 ms and more). */
const CLASS_MS: DurationMs = 25
/** Below this entropy of the classes, in bits, the intervals are one number, or a few in turn. A person who taps in rhythm reaches 2.3. */
const LEAST_ENTROPY = 1.9
/** Number of intervals whose sum is compared. The jitter of a network does not add up over them, the inaccuracy of a person does. */
const SPAN = 32
/**
 * Spread of such sums as a share of their median, below which they follow a clock: 32 intervals of 2,000 ms with ±80 ms of jitter spread by 0.1 %. Those of a person who
 * presses a key whenever a cool-down of 1,500 ms is over spread by 1 %.
 */
const CLOCKWORK_SHARE = 0.0025
/** Factor from the median deviation to the standard deviation of a normal distribution. */
const NORMAL = 1.4826

/**
 * Collects the times of what a player does (hook `isActivity`), and finds those of a machine: intervals of one length or of a few, and acts that follow a clock
 * although the network delays them. It only flags: a bot that varies its intervals as people do is not found.
 */
export class IntervalStatistics {
  #intervals: DurationMs[] = []
  #coveredMs: DurationMs = 0
  #last: Instant | undefined

  /** Records an act. Returns what was found when enough intervals are collected, and begins again. */
  add(now: Instant): Evidence | undefined {
    const interval = this.#last === undefined ? undefined : now - this.#last
    this.#last = now
    // Acts in one burst are one act.
    if (interval === undefined || interval < CLASS_MS || interval > PAUSE_MS) return undefined
    this.#intervals.push(interval)
    this.#coveredMs += interval
    if (this.#intervals.length < COUNT || this.#coveredMs < LEAST_MS) return undefined
    const found = judgeIntervals(this.#intervals)
    this.#intervals = []
    this.#coveredMs = 0
    return found
  }
}

/** What is suspicious about the intervals, in ms; undefined: nothing. */
export function judgeIntervals(intervals: readonly DurationMs[]): Evidence | undefined {
  const entropyBits = entropy(intervals)
  const sums = sumsOf(intervals, SPAN)
  const middle = median(sums)
  const spread = (median(sums.map((sum) => Math.abs(sum - middle))) * NORMAL) / middle
  if (entropyBits >= LEAST_ENTROPY && spread >= CLOCKWORK_SHARE) return undefined
  return {
    intervals: intervals.length,
    medianMs: Math.round(median(intervals)),
    entropyBits: Math.round(entropyBits * 100) / 100,
    spreadPercent: Math.round(spread * 10_000) / 100,
  }
}

function entropy(intervals: readonly DurationMs[]): number {
  const classes = new Map<number, number>()
  for (const interval of intervals) {
    const number = Math.round(interval / CLASS_MS)
    classes.set(number, (classes.get(number) ?? 0) + 1)
  }
  return [...classes.values()].reduce((bits, count) => bits - (count / intervals.length) * Math.log2(count / intervals.length), 0)
}

/** Sums of `span` intervals in a row, from every interval on. */
function sumsOf(intervals: readonly DurationMs[], span: number): DurationMs[] {
  return intervals.slice(span - 1).map((_, index) => intervals.slice(index, index + span).reduce((sum, one) => sum + one, 0))
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
