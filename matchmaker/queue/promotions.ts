import { setTimeout as pause } from 'node:timers/promises'
import type { DurationMs } from '../../model/clock.ts'
import type { CopyId, GuildId, MapName } from '../../model/ids.ts'
import { LINE_REBUILD_MS, type LineEntry } from '../../model/line.ts'
import { moveHoldMs } from '../../model/move.ts'
import type { Ranking } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SeatOption } from '../../model/seat.ts'
import type { Filter } from '../../score/eligibility.ts'
import { rank } from '../../score/rank.ts'
import { mapOf, type Parts } from '../parts.ts'
import { recordDecision } from '../placement/decisions.ts'
import { seatRequest } from '../placement/placeParty.ts'
import { inFairOrder } from './fairShare.ts'
import { type LineRequest, requestsOf } from './lineRequests.ts'

/** How often each line is checked without an event, in ms. Events can be lost, and held seats expire without one. */
const CHECK_MS: DurationMs = 250
/**
 * Pause between two rounds on one line, in ms. When many seats become free at once, it handles them with one query instead of one each, in every
 * matchmaker.
 */
const PAUSE_MS: DurationMs = 25
/** Places read per round. When all of them are blocked, the round is repeated with `MAX_HEAD_PLACES`. */
const HEAD_PLACES = 16
/** Most places read in one round. */
const MAX_HEAD_PLACES = 256
/** Places read on a contested map. Places further back do not count towards their guild's share yet. */
const CONTESTED_HEAD_PLACES = 512

/**
 * Promotes places in line to seats, in order. Any number of matchmakers do this at once: the directory promotes a place only while it is first, or behind
 * places that no free seat fits, and only together with its seats (rule Q1).
 */
export class Promotions implements AsyncDisposable {
  readonly #parts: Parts
  readonly #timer: NodeJS.Timeout
  /** Maps with a round running; `true` when an event asked for another round. */
  readonly #working = new Map<MapName, boolean>()
  readonly #running = new Set<Promise<void>>()
  #pausedUntil = 0
  #stopped = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#timer = setInterval(() => this.#checkAll(), CHECK_MS)
    parts.alarm.onMapChange((map) => this.#check(map))
    parts.alarm.onTurn((map) => parts.waits.recordTurn(map, parts.clock.now()))
    // After lost events the directory may have lost the line: wait until the clients have restored it.
    parts.alarm.onGap(() => {
      this.#pausedUntil = parts.clock.now() + LINE_REBUILD_MS
    })
  }

  #checkAll(): void {
    for (const map of this.#parts.world.census().maps.keys()) this.#check(map)
  }

  #check(map: MapName): void {
    const { waiting, lineRebuiltAt = 0 } = mapOf(this.#parts.world.census(), map)
    if (this.#stopped || waiting === 0 || this.#parts.clock.now() < Math.max(this.#pausedUntil, lineRebuiltAt)) return
    if (this.#working.has(map)) return void this.#working.set(map, true)
    const work = this.#work(map).finally(() => this.#running.delete(work))
    this.#running.add(work)
  }

  async #work(map: MapName): Promise<void> {
    try {
      do {
        this.#working.set(map, false)
        while (!this.#stopped && (await promoteHead(this.#parts, map)) === HEAD_PLACES);
        await pause(PAUSE_MS)
      } while (this.#working.get(map) === true && !this.#stopped)
    } catch (error) {
      this.#parts.log.warn({ err: error, map }, 'promoting from the line failed; the next check retries it')
    } finally {
      this.#working.delete(map)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await Promise.allSettled(this.#running)
  }
}

/**
 * Promotes from the head of one line until a place fits nowhere. A party that fits nowhere yet gathers its seats in one copy: the places behind it get seats in
 * other copies meanwhile. Returns the number of places promoted.
 */
export async function promoteHead(parts: Parts, map: MapName, count = HEAD_PLACES): Promise<number> {
  const policy = parts.policies().get(map)
  if (policy === undefined) return 0
  const fair = policy.queue.share === 'guild'
  const instance = policy.kind === 'instance'
  const head = await parts.directory.lineHead(map, instance ? MAX_HEAD_PLACES : fair ? CONTESTED_HEAD_PLACES : count, parts.clock.now())
  const next = instance ? withOpenInstance(parts, head) : fair ? fairHead(parts, head) : head
  if (next.length === 0) return 0
  // Which places a promotion may pass: none in order of arrival; in guild order the guilds that had their share; for instances all, since each waits
  // for its own.
  const passing = instance || fair ? head.map(({ id }) => id) : []
  let [promoted, blocked] = [0, 0]
  const gathering = new Set<CopyId>()
  for (const waiting of await requestsOf(parts, next, policy)) {
    const result = await promoteOne(parts, policy, waiting, { passing, gathering })
    if (result === 'promoted') promoted++
    else if (result === 'waits') break
    else {
      blocked++
      passing.push(waiting.entry.id)
    }
  }
  return !instance && !fair && blocked === count && count < MAX_HEAD_PLACES ? promoteHead(parts, map, MAX_HEAD_PLACES) : promoted
}

/** Places whose instance is open. The others are not looked up while their instance opens. */
function withOpenInstance(parts: Parts, head: readonly LineEntry[]): LineEntry[] {
  const open = new Set<string | undefined>()
  for (const { copy } of mapOf(parts.world.census(), head[0]?.map ?? '').copies.values()) if (copy.state === 'open') open.add(copy.party)
  return head.filter(({ holders }) => holders[0]?.party !== undefined && open.has(holders[0].party))
}

/** The next places in guild order. A place for one copy, or with a party, counts towards its guild like any other. */
function fairHead(parts: Parts, head: readonly LineEntry[]): LineEntry[] {
  const byId = new Map(head.map((entry) => [entry.id, entry]))
  const inside = new Map<GuildId | undefined, number>()
  for (const { seats, guilds } of mapOf(parts.world.census(), head[0]?.map ?? '').copies.values()) {
    let guilded = 0
    for (const [guild, members] of guilds) {
      inside.set(guild, (inside.get(guild) ?? 0) + members)
      guilded += members
    }
    inside.set(undefined, (inside.get(undefined) ?? 0) + seats.size - guilded)
  }
  const line = head.map(({ id, holders }) => ({ id, guild: holders[0]?.guild, size: holders.length }))
  return inFairOrder(line, inside)
    .slice(0, HEAD_PLACES)
    .flatMap(({ id }) => byId.get(id) ?? [])
}

interface Ahead {
  /** Places that this one may pass. */
  passing: readonly string[]
  /** Copies in which parties further ahead gather their seats. */
  gathering: Set<CopyId>
}

/** `blocked`: the place waits for reasons of its own, and places behind it may be promoted. */
async function promoteOne(
  parts: Parts,
  policy: MapPolicy,
  { entry, request }: LineRequest,
  { passing, gathering }: Ahead,
): Promise<'promoted' | 'waits' | 'blocked'> {
  const now = parts.clock.now()
  const census = parts.world.census()
  const map = mapOf(census, entry.map)
  const ranking = rank(request, map, { policy, servers: census.servers, now })
  const options = ranking.options.filter(({ copy }) => !gathering.has(copy)).map((option) => leavingMargin(option, policy))
  const deadline = now + (entry.travel === true ? moveHoldMs(policy.seatHoldMs) : policy.seatHoldMs)
  const copy =
    options.length === 0
      ? undefined
      : await parts.directory.promote(
          entry,
          seatRequest(request, policy, census, { ranking, options, now, deadline, map }),
          passing.filter((id) => id !== entry.id),
          policy.queue.admit.perSecond,
        )
  if (copy === undefined) return isBlockedByOwnLimits(ranking, policy) || gathers(ranking, entry, gathering) ? 'blocked' : 'waits'
  parts.waits.recordPromotion(entry, now)
  parts.metrics.promotions.inc({ map: entry.map })
  parts.metrics.waits.observe({ map: entry.map }, Math.max(0, now - entry.arrived) / 1_000)
  recordDecision(parts, request, policy, {
    kind: 'place',
    copy,
    candidates: ranking.candidates,
    reason: `Their turn in line came after ${Math.round((now - entry.arrived) / 1000)} s.`,
    inputs: { line: entry.id, rank: entry.rank, waitedMs: now - entry.arrived },
  })
  return 'promoted'
}

/** Reasons for which a copy takes a party only later, when seats have come free. */
const noRoom: ReadonlySet<string | undefined> = new Set<Filter | undefined>(['soft cap', 'full', undefined])

/**
 * Chooses the copy in which a party gathers its seats: the one with most free seats, which every matchmaker finds by itself, and which changes only when another
 * one has more. `false`: not a party, or parties further ahead have all copies.
 */
function gathers({ candidates }: Ranking, { holders }: LineEntry, gathering: Set<CopyId>): boolean {
  if (holders.length === 1) return false
  const free = candidates
    .filter(({ copy, filtered, limit = 0 }) => noRoom.has(filtered) && limit >= holders.length && !gathering.has(copy))
    .map(({ copy, limit = 0, population = 0 }) => ({ copy, seats: limit - population }))
    .sort((a, b) => b.seats - a.seats || (a.copy < b.copy ? -1 : 1))
  const [best] = free
  if (best !== undefined) gathering.add(best.copy)
  return best !== undefined
}

/** Leaves the policy's margin free. Seats above the soft cap are only for company and need no margin. */
function leavingMargin(option: SeatOption, { capacity, queue }: MapPolicy): SeatOption {
  return option.limit > capacity.soft ? option : { ...option, limit: Math.max(0, option.limit - queue.admit.margin) }
}

/**
 * Whether a filter that applies only to this request excludes copies that others may enter, such as a requested copy, a protocol version or a region.
 */
function isBlockedByOwnLimits({ candidates }: Ranking, { kind }: MapPolicy): boolean {
  return kind === 'instance' || candidates.some(({ filtered }) => filtered !== undefined && ownLimits.has(filtered))
}

const ownLimits: ReadonlySet<string> = new Set<Filter>(['other copy', 'party elsewhere', 'protocol', 'state version', 'region', 'latency', 'other party'])
