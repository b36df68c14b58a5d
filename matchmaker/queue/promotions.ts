import { setTimeout as pause } from 'node:timers/promises'
import type { DurationMs } from '../../model/clock.ts'
import type { GuildId, MapName } from '../../model/ids.ts'
import { LINE_REBUILD_MS, type LineEntry } from '../../model/line.ts'
import { moveHoldMs } from '../../model/move.ts'
import type { Ranking } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SeatOption } from '../../model/seat.ts'
import { mapOf, type Parts } from '../parts.ts'
import { recordDecision } from '../placement/decisions.ts'
import { seatRequest } from '../placement/placeParty.ts'
import type { Filter } from '../score/eligibility.ts'
import { rank } from '../score/rank.ts'
import { inFairOrder } from './fairShare.ts'
import { type LineRequest, requestsOf } from './lineRequests.ts'

/** Looked at without a hint, too: hints may be missed, and held seats lapse silently. */
const CHECK_MS: DurationMs = 250
/** In a storm seats come free by the dozen: a look at each alone would be a query each, in every matchmaker. */
const PAUSE_MS: DurationMs = 25
/** Places looked at in one go, and at most, when all of the first ones wait for a copy that others behind them do not need. */
const HEAD_PLACES = 16
const MAX_HEAD_PLACES = 256
/** Who waits behind so many others on a contested map is not counted yet for the share of their guild. */
const CONTESTED_HEAD_PLACES = 512

/**
 * Gives seats to those who wait, in order. Any number of matchmakers do so at once: the directory promotes an entry only while
 * it stands first, and only together with its seats (rule Q1).
 */
export class Promotions implements AsyncDisposable {
  readonly #parts: Parts
  readonly #timer: NodeJS.Timeout
  /** Maps being worked on; `true` when the bell rang meanwhile. */
  readonly #working = new Map<MapName, boolean>()
  readonly #running = new Set<Promise<void>>()
  #pausedUntil = 0
  #stopped = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#timer = setInterval(() => this.#checkAll(), CHECK_MS)
    parts.alarm.onMapChange((map) => this.#check(map))
    parts.alarm.onTurn((map) => parts.waits.recordTurn(map, parts.clock.now()))
    // After events were missed the directory may have been emptied.
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

/** Promotes from the head of one line until somebody fits nowhere; returns how many places got their seats. */
export async function promoteHead(parts: Parts, map: MapName, count = HEAD_PLACES): Promise<number> {
  const policy = parts.policies().get(map)
  if (policy === undefined) return 0
  const fair = policy.queue.share === 'guild'
  const instance = policy.kind === 'instance'
  const head = await parts.directory.lineHead(map, instance ? MAX_HEAD_PLACES : fair ? CONTESTED_HEAD_PLACES : count, parts.clock.now())
  const next = instance ? withOpenInstance(parts, head) : fair ? fairHead(parts, head) : head
  if (next.length === 0) return 0
  // By arrival nobody is passed who could go; by guilds those are who have had their share, and in instances nobody is in another's way.
  const passing = instance || fair ? head.map(({ id }) => id) : []
  let [promoted, blocked] = [0, 0]
  for (const waiting of await requestsOf(parts, next, policy)) {
    const result = await promoteOne(parts, policy, waiting, passing)
    if (result === 'promoted') promoted++
    else if (result === 'waits') break
    else {
      blocked++
      passing.push(waiting.entry.id)
    }
  }
  return !instance && !fair && blocked === count && count < MAX_HEAD_PLACES ? promoteHead(parts, map, MAX_HEAD_PLACES) : promoted
}

/** Those whose instance is there: the others need not be looked up again and again while it opens. */
function withOpenInstance(parts: Parts, head: readonly LineEntry[]): LineEntry[] {
  const open = new Set<string | undefined>()
  for (const { copy } of mapOf(parts.world.census(), head[0]?.map ?? '').copies.values()) if (copy.state === 'open') open.add(copy.party)
  return head.filter(({ holders }) => holders[0]?.party !== undefined && open.has(holders[0].party))
}

/** The next ones in fair order. Who waits for one copy, or along with a party, is one of their guild like the others. */
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

/** `blocked`: those behind it may go on. */
async function promoteOne(
  parts: Parts,
  policy: MapPolicy,
  { entry, request }: LineRequest,
  passing: readonly string[],
): Promise<'promoted' | 'waits' | 'blocked'> {
  const now = parts.clock.now()
  const census = parts.world.census()
  const map = mapOf(census, entry.map)
  const ranking = rank(request, map, { policy, servers: census.servers, now })
  const options = ranking.options.map((option) => leavingMargin(option, policy))
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
  if (copy === undefined) return isBlockedByOwnLimits(ranking, policy) ? 'blocked' : 'waits'
  parts.waits.recordPromotion(entry, now)
  parts.metrics.promotions.inc({ map: entry.map })
  recordDecision(parts, request, policy, {
    kind: 'place',
    copy,
    candidates: ranking.candidates,
    reason: `Their turn in line came after ${Math.round((now - entry.arrived) / 1000)} s.`,
    inputs: { line: entry.id, rank: entry.rank, waitedMs: now - entry.arrived },
  })
  return 'promoted'
}

/** The seats above soft are for company, which needs no margin against itself. */
function leavingMargin(option: SeatOption, { capacity, queue }: MapPolicy): SeatOption {
  return option.limit > capacity.soft ? option : { ...option, limit: Math.max(0, option.limit - queue.admit.margin) }
}

/** Some copies are closed to them that others may enter: they wait for one copy, or their client is too old for the new ones, or their state too new for the old ones. */
function isBlockedByOwnLimits({ candidates }: Ranking, { kind }: MapPolicy): boolean {
  return kind === 'instance' || candidates.some(({ filtered }) => filtered !== undefined && ownLimits.has(filtered))
}

const ownLimits: ReadonlySet<string> = new Set<Filter>(['other copy', 'party elsewhere', 'protocol', 'state version', 'region', 'latency', 'other party'])
