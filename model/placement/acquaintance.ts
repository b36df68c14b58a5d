import type { DurationMs, Instant } from '../clock.ts'
import type { CharacterId } from '../ids.ts'

/** With whom somebody spent how many minutes lately, as of one instant: what was before that counts less and less. */
export interface Acquaintances {
  at: Instant
  minutes: Readonly<Record<CharacterId, number>>
}

/** A week later an hour together counts for half an hour: people who play on the same evenings stay known to each other. */
const HALF_LIFE_MS: DurationMs = 7 * 86_400_000
/** Seen for less than this is seen in passing: it is remembered, and draws nobody. */
const FAMILIAR_MINUTES = 10
/** Half way to as close as can be. */
const HALF_CLOSE_MINUTES = 60
/** One remembers so many: a profile stays a small row, and the placer's work bounded. */
const MOST_REMEMBERED = 64
const FORGOTTEN_MINUTES = 0.5

/** Adds minutes spent together until `now`; the least known are forgotten. */
export function addMinutesTogether(before: Acquaintances | undefined, minutes: Readonly<Record<CharacterId, number>>, now: Instant): Acquaintances {
  const sum = new Map(Object.entries(before?.minutes ?? {}).map(([person, spent]) => [person, spent * fading(before?.at ?? now, now)]))
  for (const [person, spent] of Object.entries(minutes)) sum.set(person, (sum.get(person) ?? 0) + spent)
  const known = [...sum].filter(([, spent]) => spent >= FORGOTTEN_MINUTES).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  return { at: now, minutes: Object.fromEntries(known.slice(0, MOST_REMEMBERED).map(([person, spent]) => [person, Math.round(spent * 10) / 10])) }
}

/** Everybody who was met lately and not just in passing, with how close they are: 0..1. */
export function closenessOf(met: Acquaintances, now: Instant): Map<CharacterId, number> {
  const closeness = new Map<CharacterId, number>()
  const share = fading(met.at, now)
  for (const [person, spent] of Object.entries(met.minutes)) {
    const minutes = spent * share
    if (minutes >= FAMILIAR_MINUTES) closeness.set(person, minutes / (minutes + HALF_CLOSE_MINUTES))
  }
  return closeness
}

function fading(from: Instant, to: Instant): number {
  return 2 ** (-Math.max(0, to - from) / HALF_LIFE_MS)
}
