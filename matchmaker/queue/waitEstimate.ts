import type { DurationMs, Instant } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import type { LineEntry, LinePosition } from '../../model/line.ts'

/** Fewer measured steps than this say nothing: an honest "unknown" (FFXIV's and New World's guesses enraged more than silence). */
const LEAST_SAMPLES = 8
const MOST_SAMPLES = 128
/** What the line did longer ago does not tell how fast it goes now. */
const SAMPLE_AGE_MS: DurationMs = 15 * 60_000
/** Whoever is not seen for so long has left or is answered by another matchmaker. */
const FORGET_MS: DurationMs = 60_000
const MOST_TRACKED = 20_000

interface Seen {
  position: number
  /** When they were first seen at this position, and last. */
  since: Instant
  last: Instant
}

interface Line {
  /** Milliseconds that one step forward took, in order of measuring. */
  pace: { at: Instant; msPerPlace: number }[]
  seen: Map<string, Seen>
}

/**
 * How long the wait will be, from how fast those who wait are seen to come forward: each poll tells a position, and a person who
 * gained k places in t ms is a sample of t / k. It counts seats that came free and people who gave up alike, whichever
 * matchmaker promoted them, and is lost without harm when the process restarts.
 */
export class WaitEstimate {
  readonly #lines = new Map<MapName, Line>()

  /** Also called with -1 for whoever was just promoted. */
  observe({ map, id }: Pick<LineEntry, 'map' | 'id'>, position: number, now: Instant): void {
    const line = this.#line(map)
    const before = line.seen.get(id)
    const known = before !== undefined && now - before.last < FORGET_MS ? before : undefined
    if (known !== undefined && position < known.position && now > known.since) {
      line.pace.push({ at: now, msPerPlace: (now - known.since) / (known.position - position) })
      if (line.pace.length > MOST_SAMPLES) line.pace.shift()
    }
    // Deleted first, so that the key moves to the end: the oldest are forgotten first.
    line.seen.delete(id)
    if (position < 0) return
    line.seen.set(id, { position, since: known?.position === position ? known.since : now, last: now })
    if (line.seen.size > MOST_TRACKED) for (const oldest of line.seen.keys()) return void line.seen.delete(oldest)
  }

  estimate(map: MapName, position: number, now: Instant): LinePosition['waitMs'] {
    const line = this.#line(map)
    const paces = line.pace.filter(({ at }) => now - at < SAMPLE_AGE_MS).map(({ msPerPlace }) => msPerPlace)
    if (paces.length < LEAST_SAMPLES) return 'unknown'
    paces.sort((a, b) => a - b)
    const at = (share: number): number => Math.round((paces[Math.floor(share * (paces.length - 1))] ?? 0) * (position + 1))
    return { p50: at(0.5), p90: at(0.9) }
  }

  #line(map: MapName): Line {
    const line = this.#lines.get(map) ?? { pace: [], seen: new Map<string, Seen>() }
    this.#lines.set(map, line)
    return line
  }
}
