import type { DurationMs, Instant } from '../clock.ts'
import type { CharacterId } from '../ids.ts'

/** Minutes that a character recently spent together with each other character, as of `at`. Older minutes decay (`HALF_LIFE_MS`). */
export interface Acquaintances {
  at: Instant
  minutes: Readonly<Record<CharacterId, number>>
}

/** Half-life of minutes spent together, in ms: one week, so that people who play on the same weekday stay acquainted. */
const HALF_LIFE_MS: DurationMs = 7 * 86_400_000
/** Fewer minutes together than this are stored but do not affect placement: it was a chance encounter. */
const FAMILIAR_MINUTES = 10
/** Minutes together at which the closeness is 0.5. */
const HALF_CLOSE_MINUTES = 60
/** Most characters that are remembered per character. It bounds the size of the stored row and the work of a placement. */
const MAX_REMEMBERED = 64
/** Entries below this many minutes are deleted. */
const FORGOTTEN_MINUTES = 0.5

/** Adds minutes spent together up to `now`. Keeps the `MAX_REMEMBERED` characters with the most minutes. */
export function addMinutesTogether(before: Acquaintances | undefined, minutes: Readonly<Record<CharacterId, number>>, now: Instant): Acquaintances {
  const sum = new Map(Object.entries(before?.minutes ?? {}).map(([person, spent]) => [person, spent * decay(before?.at ?? now, now)]))
  for (const [person, spent] of Object.entries(minutes)) sum.set(person, (sum.get(person) ?? 0) + spent)
  const known = [...sum].filter(([, spent]) => spent >= FORGOTTEN_MINUTES).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  return { at: now, minutes: Object.fromEntries(known.slice(0, MAX_REMEMBERED).map(([person, spent]) => [person, Math.round(spent * 10) / 10])) }
}

/** Closeness (0..1) of every character met for at least `FAMILIAR_MINUTES`. */
export function closenessOf(met: Acquaintances, now: Instant): Map<CharacterId, number> {
  const closeness = new Map<CharacterId, number>()
  const factor = decay(met.at, now)
  for (const [person, spent] of Object.entries(met.minutes)) {
    const minutes = spent * factor
    if (minutes >= FAMILIAR_MINUTES) closeness.set(person, minutes / (minutes + HALF_CLOSE_MINUTES))
  }
  return closeness
}

function decay(from: Instant, to: Instant): number {
  return 2 ** (-Math.max(0, to - from) / HALF_LIFE_MS)
}
