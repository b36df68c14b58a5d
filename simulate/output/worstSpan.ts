import type { Sample } from '../sample.ts'

const HOUR_SECONDS = 3600
const TEN_MINUTES_SECONDS = 600

/** The most moves per player-hour within an hour and within ten minutes, after the warm-up. */
export function worstSpans(samples: readonly Sample[], from: number): { worstHour: number; worstTenMinutes: number } {
  return { worstHour: worstMoves(samples, HOUR_SECONDS, from), worstTenMinutes: worstMoves(samples, TEN_MINUTES_SECONDS, from) }
}

/**
 * The most moves per player-hour within a span of `seconds`, a multiple of the time between two samples. Spans that begin before `from` do not count. 0 when the day
 * is shorter.
 */
export function worstMoves(samples: readonly Sample[], seconds: number, from: number): number {
  let worst = 0
  let [first, playerHours] = [0, 0]
  samples.forEach((sample, index) => {
    const before = samples[index - 1]
    if (before !== undefined) playerHours += hoursBetween(before, sample)
    for (let start = samples[first]; start !== undefined && (sample.at - start.at > seconds || start.at < from) && first < index; start = samples[first]) {
      const next = samples[++first]
      if (next !== undefined) playerHours -= hoursBetween(start, next)
    }
    const start = samples[first]
    if (start === undefined || start.at < from || sample.at - start.at !== seconds || playerHours === 0) return
    worst = Math.max(worst, (sample.moves - start.moves) / playerHours)
  })
  return worst
}

function hoursBetween(before: Sample, after: Sample): number {
  return (((before.players + after.players) / 2) * (after.at - before.at)) / HOUR_SECONDS
}
