import type { DurationMs } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import type { LineEntry } from '../../model/line.ts'
import type { PlacementRequest, Ranking } from '../../model/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import { mapOf, type Parts } from '../parts.ts'
import { recordDecision } from '../placement/decisions.ts'
import { moveHoldMs } from '../placement/travel.ts'
import type { Filter } from '../score/eligibility.ts'
import { rank } from '../score/rank.ts'
import { requestsOf } from './requestOf.ts'

/** Looked at without a hint, too: hints may be missed, and held seats lapse silently. */
const INTERVAL_MS: DurationMs = 250
/** Places looked at in one go, and at most, when all of the first ones wait for a copy that others behind them do not need. */
const HEAD = 16
const LONG_HEAD = 256
/** After events were missed the directory may have been emptied: those who wait show their tickets again first (rules D1, Q1). */
const REBUILD_MS: DurationMs = 5_000

/**
 * Gives seats to those who wait, in order. Any number of matchmakers do so at once: the directory promotes an entry only while
 * it stands first, and only together with its seats (rule Q1).
 */
export class Promotions implements AsyncDisposable {
  readonly #parts: Parts
  readonly #timer: NodeJS.Timeout
  /** Maps being worked on; `true` when the bell rang meanwhile. */
  readonly #busy = new Map<MapName, boolean>()
  readonly #running = new Set<Promise<void>>()
  #pausedUntil = 0
  #stopped = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#timer = setInterval(() => this.#lookEverywhere(), INTERVAL_MS)
    parts.doorbell.onMap((map) => this.#look(map))
    parts.doorbell.onGap(() => {
      this.#pausedUntil = parts.clock.now() + REBUILD_MS
    })
  }

  #lookEverywhere(): void {
    for (const map of this.#parts.world.census().maps.keys()) this.#look(map)
  }

  #look(map: MapName): void {
    if (this.#stopped || this.#parts.clock.now() < this.#pausedUntil || mapOf(this.#parts.world.census(), map).waiting === 0) return
    if (this.#busy.has(map)) return void this.#busy.set(map, true)
    const work = this.#work(map).finally(() => this.#running.delete(work))
    this.#running.add(work)
  }

  async #work(map: MapName): Promise<void> {
    try {
      do {
        this.#busy.set(map, false)
        while (!this.#stopped && (await promoteHead(this.#parts, map)) === HEAD);
      } while (this.#busy.get(map) === true && !this.#stopped)
    } catch (error) {
      this.#parts.log.warn({ err: error, map }, 'the line could not be worked on; next try on the next look')
    } finally {
      this.#busy.delete(map)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await Promise.allSettled(this.#running)
  }
}

/** Promotes from the head of one line until somebody fits nowhere; returns how many places got their seats. */
export async function promoteHead(parts: Parts, map: MapName, count = HEAD): Promise<number> {
  const policy = parts.policies().get(map)
  if (policy === undefined) return 0
  const head = await parts.directory.lineHead(map, count, parts.clock.now())
  if (head.length === 0) return 0
  const passing: string[] = []
  let promoted = 0
  for (const { entry, request } of await requestsOf(parts, head)) {
    if (await promoteOne(parts, entry, request, policy, passing)) promoted++
    else if (passing.at(-1) !== entry.id) break
  }
  return passing.length === count && count < LONG_HEAD ? promoteHead(parts, map, LONG_HEAD) : promoted
}

/** `false` with the entry added to `passing`: those behind it may go on. */
async function promoteOne(parts: Parts, entry: LineEntry, request: PlacementRequest, policy: MapPolicy, passing: string[]): Promise<boolean> {
  const now = parts.clock.now()
  const census = parts.world.census()
  const ranking = rank(request, mapOf(census, entry.map), policy, census.servers, now)
  const holdMs = entry.travel === true ? moveHoldMs(policy) : policy.seatHoldMs
  const copy =
    ranking.options.length === 0
      ? undefined
      : await parts.directory.promote(
          entry,
          {
            map: entry.map,
            holders: request.members.map(({ holder }) => holder),
            options: ranking.options,
            now,
            deadline: now + holdMs,
            ...(request.party === undefined ? {} : { party: request.party }),
          },
          passing,
        )
  if (copy === undefined) {
    if (isBarredAlone(ranking)) passing.push(entry.id)
    return false
  }
  parts.waits.observe(entry, -1, now)
  parts.metrics.promotions.inc({ map: entry.map })
  recordDecision(parts, 'place', request, policy, {
    copy,
    candidates: ranking.candidates,
    reason: `Their turn in line came after ${Math.round((now - entry.arrived) / 1000)} s.`,
    inputs: { line: entry.id, rank: entry.rank, waitedMs: now - entry.arrived },
  })
  return true
}

/** Some copies are closed to them that others may enter: they wait for one copy, or their client is too old for the new ones. */
function isBarredAlone({ candidates }: Ranking): boolean {
  return candidates.some(({ filtered }) => filtered !== undefined && ownReasons.has(filtered))
}

const ownReasons: ReadonlySet<string> = new Set<Filter>(['other copy', 'party elsewhere', 'protocol', 'other party'])
