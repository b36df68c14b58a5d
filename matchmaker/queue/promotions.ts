import { setTimeout as pause } from 'node:timers/promises'
import type { DurationMs } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import { LINE_REBUILD_MS } from '../../model/line.ts'
import { moveHoldMs } from '../../model/move.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { HEAD_PLACES, headPlaces, inOrderOfArrival, MAX_HEAD_PLACES, type Round, roundOf, turnOf, withoutSeat } from '../../score/seating/turns.ts'
import { mapOf, type Parts } from '../parts.ts'
import { recordDecision } from '../placement/decisions.ts'
import { type LineRequest, requestsOf } from './lineRequests.ts'

/** How often each line is checked without an event, in ms. Events can be lost, and held seats expire without one. */
const CHECK_MS: DurationMs = 250
/**
 * Pause between two rounds on one line, in ms. When many seats become free at once, it handles them with one query instead of one each, in every
 * matchmaker.
 */
const PAUSE_MS: DurationMs = 25

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
  const head = await parts.directory.lineHead(map, headPlaces(policy, count), parts.clock.now())
  const round = roundOf(head, mapOf(parts.world.census(), map), policy)
  if (round.next.length === 0) return 0
  let [promoted, blocked] = [0, 0]
  for (const waiting of await requestsOf(parts, round.next, policy)) {
    const result = await promoteOne(parts, policy, waiting, round)
    if (result === 'promoted') promoted++
    else if (result === 'waits') break
    else blocked++
  }
  return inOrderOfArrival(policy) && blocked === count && count < MAX_HEAD_PLACES ? promoteHead(parts, map, MAX_HEAD_PLACES) : promoted
}

/** `blocked`: the place waits for reasons of its own, and places behind it may be promoted. */
async function promoteOne(parts: Parts, policy: MapPolicy, { entry, request }: LineRequest, round: Round): Promise<'promoted' | 'waits' | 'blocked'> {
  const now = parts.clock.now()
  const census = parts.world.census()
  const holdMs = entry.travel === true ? moveHoldMs(policy.seatHoldMs) : policy.seatHoldMs
  const { ranking, seats } = turnOf(request, { policy, census, map: mapOf(census, entry.map), now, holdMs }, round)
  const passing = round.passing.filter((id) => id !== entry.id)
  const copy = seats === undefined ? undefined : await parts.directory.promote(entry, seats, passing, policy.queue.admit.perSecond)
  if (copy === undefined) return withoutSeat(entry, ranking, policy, round)
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
