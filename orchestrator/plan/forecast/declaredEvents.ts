import type { DurationMs, Instant } from '../../../model/clock.ts'
import { type Cron, matchesCron, parseCron } from '../../../model/policy/cron.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'

/** A declared event that copies are kept ready for. */
export interface ExpectedCrowd {
  name: string
  /** Players on the map before the first ones came for the event. */
  usual: number
  starts: Instant
  until: Instant
}

const MINUTE_MS: DurationMs = 60_000
/** Copies opened for an event are kept this long after its start, because players come late; after that the forecast counts those present. */
const KEPT_AFTER_START_MS: DurationMs = 15 * MINUTE_MS

/** Events that are near on a map. An event of the previous round keeps its `usual`, so that players who came for it are not counted as usual. */
export function expectCrowds({ events }: MapPolicy, before: readonly ExpectedCrowd[] | undefined, players: number, now: Instant): readonly ExpectedCrowd[] {
  if (events.length === 0) return []
  const crowds = (before ?? []).filter(({ name, until }) => until > now && events.some((event) => event.name === name))
  for (const { name, schedule, beforeMs } of events) {
    if (crowds.some((crowd) => crowd.name === name)) continue
    const starts = startWithin(cronOf(schedule), now, beforeMs)
    if (starts !== undefined) crowds.push({ name, usual: players, starts, until: starts + KEPT_AFTER_START_MS })
  }
  return crowds
}

/** Players to keep copies ready for: the usual number raised by the event's `expect`, for the largest event. */
export function expectedPlayers({ events }: MapPolicy, crowds: readonly ExpectedCrowd[]): number {
  let most = 0
  for (const { name, usual } of crowds) {
    const event = events.find((one) => one.name === name)
    if (event !== undefined) most = Math.max(most, usual * (1 + event.expect))
  }
  return most
}

/** First start of the schedule from the beginning of the present minute until `ahead` from now. */
function startWithin(cron: Cron | undefined, now: Instant, ahead: DurationMs): Instant | undefined {
  if (cron === undefined) return undefined
  const first = Math.floor(now / MINUTE_MS) * MINUTE_MS
  for (let at = first; at <= now + ahead; at += MINUTE_MS) if (matchesCron(cron, at)) return at
  return undefined
}

const parsed = new Map<string, Cron | undefined>()

/** Parsed schedules are cached without a limit: they are few and rarely change. */
function cronOf(schedule: string): Cron | undefined {
  if (!parsed.has(schedule)) parsed.set(schedule, parseCron(schedule))
  return parsed.get(schedule)
}
