import type { DurationMs, Instant } from '../../../model/clock.ts'
import { type Cron, matchesCron, parseCron } from '../../../model/policy/cron.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'

/** A declared event for which copies are kept ready: `usual` is how many were on the map before anybody came for it. */
export interface ExpectedCrowd {
  name: string
  usual: number
  starts: Instant
  until: Instant
}

const MINUTE_MS: DurationMs = 60_000
/** People come late: what was opened for an event is kept this long after its start; then the forecast sees whoever is there. */
const STAYS_MS: DurationMs = 15 * MINUTE_MS

/** Which crowds are expected on a map now. Those of the round before go on as they are, so that who has come is not counted as usual. */
export function expectCrowds({ events }: MapPolicy, before: readonly ExpectedCrowd[] | undefined, players: number, now: Instant): readonly ExpectedCrowd[] {
  if (events.length === 0) return []
  const crowds = (before ?? []).filter(({ name, until }) => until > now && events.some((event) => event.name === name))
  for (const { name, schedule, beforeMs } of events) {
    if (crowds.some((crowd) => crowd.name === name)) continue
    const starts = startWithin(cronOf(schedule), now, beforeMs)
    if (starts !== undefined) crowds.push({ name, usual: players, starts, until: starts + STAYS_MS })
  }
  return crowds
}

/** Players to be ready for: as many more than usual as the policy says. */
export function expectedPlayers({ events }: MapPolicy, crowds: readonly ExpectedCrowd[]): number {
  let most = 0
  for (const { name, usual } of crowds) {
    const event = events.find((one) => one.name === name)
    if (event !== undefined) most = Math.max(most, usual * (1 + event.expect))
  }
  return most
}

/** The first start from a little ago (the planner may have slept) until `ahead` from now. */
function startWithin(cron: Cron | undefined, now: Instant, ahead: DurationMs): Instant | undefined {
  if (cron === undefined) return undefined
  const first = Math.floor(now / MINUTE_MS) * MINUTE_MS
  for (let at = first; at <= now + ahead; at += MINUTE_MS) if (matchesCron(cron, at)) return at
  return undefined
}

const parsed = new Map<string, Cron | undefined>()

/** Schedules are few and live long. */
function cronOf(schedule: string): Cron | undefined {
  if (!parsed.has(schedule)) parsed.set(schedule, parseCron(schedule))
  return parsed.get(schedule)
}
