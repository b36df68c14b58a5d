import type { DurationMs, Instant } from '../../../model/clock.ts'
import { type Cron, nextStart, parseCron } from '../../../model/policy/cron.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'
import type { Constants } from '../../../score/constants.ts'
import { type DayShape, usualAt } from './dayShape.ts'

/** A declared event that is near, or that started a short time ago. */
export interface ExpectedCrowd {
  name: string
  /** Players on the map before the first ones came for the event. */
  usual: number
  starts: Instant
  /** Until when copies are kept ready for it. */
  until: Instant
  /** Most players on the map since the start. */
  peak: number
}

/** Most players on the map at the last start of each event, by its name. */
export type LastCrowds = ReadonlyMap<string, number>

const MINUTE_MS: DurationMs = 60_000

export interface Expectations {
  crowds: readonly ExpectedCrowd[]
  last: LastCrowds
}

/**
 * The events that are near on a map, and what the ended ones have taught. An event that the previous round knew keeps its `usual`, so that players
 * who came for it are not counted as usual.
 */
export function expectCrowds(
  { events }: MapPolicy,
  before: Expectations,
  { players, now, constants }: { players: number; now: Instant; constants: Constants },
): Expectations {
  const { eventKeptMs, eventCountedMs } = constants
  if (events.length === 0) return before.crowds.length === 0 ? before : { ...before, crowds: [] }
  const declared = before.crowds.filter(({ name }) => events.some((event) => event.name === name))
  const crowds = declared.flatMap((crowd) => (now - crowd.starts > eventCountedMs ? [] : [counted(crowd, players, now)]))
  const ended = declared.filter(({ starts }) => now - starts > eventCountedMs)
  for (const event of events) {
    const starts = nextStartOf(event, now)
    if (starts === undefined || starts > now + event.beforeMs || crowds.some((crowd) => crowd.name === event.name && crowd.starts === starts)) continue
    crowds.push({ name: event.name, usual: players, starts, until: starts + eventKeptMs, peak: 0 })
  }
  return { crowds, last: ended.length === 0 ? before.last : learnCrowds(before.last, ended, constants) }
}

function counted(crowd: ExpectedCrowd, players: number, now: Instant): ExpectedCrowd {
  return now < crowd.starts || players <= crowd.peak ? crowd : { ...crowd, peak: players }
}

function learnCrowds(last: LastCrowds, ended: readonly ExpectedCrowd[], { eventLearning }: Constants): LastCrowds {
  const learned = new Map(last)
  for (const { name, peak } of ended) {
    const before = learned.get(name)
    learned.set(name, before === undefined || peak > before ? peak : Math.round(before + eventLearning * (peak - before)))
  }
  return learned
}

/**
 * Players to keep copies ready for, for the largest event. A number is taken as it is. A share is added to the usual number, which is the larger of the
 * present one and the one at this time of day. A share of an empty map says nothing, so the number of the last start is the least. `last` expects the number
 * of the last start. Every event expects somebody.
 */
export function expectedPlayers({ events }: MapPolicy, { crowds, last }: Expectations, shape: DayShape | undefined, now: Instant): number {
  let most = 0
  for (const { name, usual, starts, until } of crowds) {
    const event = events.find((one) => one.name === name)
    if (event === undefined || until <= now) continue
    const { expect } = event
    const [present, came] = [Math.max(usual, (shape && usualAt(shape, starts)) ?? 0), last.get(name) ?? 0]
    const players = expect === 'last' ? Math.max(present, came) : 'players' in expect ? expect.players : Math.max(present * (1 + expect.share), came)
    most = Math.max(most, players, 1)
  }
  return most
}

interface Schedule {
  cron: Cron | undefined
  /** The answer that was computed last: there is no start from `from` to `next`. */
  from: Instant
  next: Instant | undefined
}

const schedules = new Map<string, Schedule>()

/** First start in the present minute or later. Parsed schedules are cached without a limit: they are few and rarely change. */
function nextStartOf({ schedule, timeZone }: MapPolicy['events'][number], now: Instant): Instant | undefined {
  const key = `${timeZone} ${schedule}`
  let known = schedules.get(key)
  if (known === undefined) {
    known = { cron: parseCron(schedule, timeZone), from: Number.POSITIVE_INFINITY, next: undefined }
    schedules.set(key, known)
  }
  if (known.cron === undefined) return undefined
  if (now < known.from || (known.next !== undefined && now >= known.next + MINUTE_MS)) {
    known.next = nextStart(known.cron, now)
    known.from = now
  }
  return known.next
}
