import { type StrataClient, StrataClientError, type World } from '../../../client/index.ts'
import type { DurationMs } from '../../../model/clock.ts'
import type { MapName } from '../../../model/ids.ts'
import type { Random } from '../../../model/random.ts'
import { type BackoffTimes, backoffMs } from '../../../model/retry/backoff.ts'
import type { Account } from './account/account.ts'
import type { BotStats } from './botStats.ts'
import { Chatter } from './chatter.ts'
import type { EventLog } from './eventLog.ts'
import type { Party, PartyMember } from './party.ts'
import { Delver } from './play/delver.ts'
import { DUNGEON, wishFor } from './play/destination.ts'
import { Fighter } from './play/fighter.ts'
import { Hunter } from './play/hunter.ts'
import { Steering } from './play/steering.ts'
import { Wander } from './play/wander.ts'
import { type Schedule, type Stop, stopAt, type Visit, visitAt } from './schedule.ts'
import { Trader } from './trader.ts'

/** Mean time in ms between two actions of a bot. */
const THINK_MS = 500
/** The same for a bot that fights or walks through a dungeon. */
const ACTING_MS = 200
/** A bot that leaves within this time in ms begins no fight. */
const PEACE_MS = 12_000
/** Longest time in ms that a journey waits for the end of a fight; then the server waits for it. */
const FIGHT_WAIT_MS = 20_000
/** Longest time in ms that a sleeping bot takes to notice the end of the run. */
const NAP_MS = 500
/** Delays in ms before a bot tries to enter again after a failure. */
const RETRY_TIMES: BackoffTimes = { firstMs: 1_000, maxMs: 8_000 }
/** Delay in ms before a travel is requested again after it was refused. */
const TRAVEL_PAUSE_MS = 5_000

export interface BotParts {
  account: Account
  random: Random
  stats: BotStats
  /** Milliseconds since the run began. */
  elapsed: () => DurationMs
  party: Party | undefined
  eventLog?: EventLog | undefined
  /** Names of the characters to which it sends mail; without any it does not trade. */
  partners?: readonly string[]
  stopping: AbortSignal
}

/** One player: follows its schedule, plays, travels, and logs in again after a failure. */
export class Bot implements PartyMember {
  readonly #schedule: Schedule
  readonly #parts: BotParts
  #world: World | undefined
  /** Whether the bot has been in the world before. */
  #counted = false
  #travelAfter = 0
  /** Since when the bot wants to travel and a fight keeps it. */
  #waitsSince: DurationMs | undefined
  #fighter: Fighter | undefined
  /** A stop in the dungeon that the party has cleared. */
  #cleared: Stop | undefined

  constructor(schedule: Schedule, parts: BotParts) {
    this.#schedule = schedule
    this.#parts = parts
  }

  get world(): World | undefined {
    return this.#world
  }

  get busy(): boolean {
    return this.#fighter?.busy ?? false
  }

  wantedMap(at: DurationMs): MapName | undefined {
    const visit = visitAt(this.#schedule, at)
    if (visit === undefined) return undefined
    const stop = stopAt(visit, at)
    return stop !== undefined && stop === this.#cleared ? visit.stops[0]?.map : stop?.map
  }

  /** Resolves when the schedule or the run is over. */
  async run(): Promise<void> {
    const { stopping, elapsed, random } = this.#parts
    for (const visit of this.#schedule.visits) {
      // A random delay, because the members of a party share a schedule and players do not log in at the same moment.
      await this.#pause(visit.from - elapsed() + random() * THINK_MS)
      for (let failures = 0; !stopping.aborted && elapsed() < visit.until; ) {
        try {
          await this.#visit(visit)
          failures = 0
        } catch (error) {
          if (stopping.aborted || elapsed() >= visit.until) break
          this.#parts.stats.error(error)
          if (error instanceof StrataClientError && !error.retryable) break
          await this.#pause(backoffMs(RETRY_TIMES, ++failures) * (0.5 + random()))
        }
      }
      if (stopping.aborted) return
    }
  }

  /** Plays one visit from login to logout. Returns early when the world has closed; rejects when it could not be entered. */
  async #visit(visit: Visit): Promise<void> {
    const { stats, elapsed, stopping, party, account } = this.#parts
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(Math.max(1, Math.ceil(visit.until - elapsed())))])
    const { client } = account
    await account.signIn(signal)
    try {
      await party?.join(this, client, signal)
      const map = this.#destination() ?? stopAt(visit, elapsed())?.map
      if (map === undefined || signal.aborted) return
      const world = await client.enter(wishFor(map), { signal, onLine: once(() => stats.waited++) }).catch((error: unknown) => {
        account.refused(error)
        throw error
      })
      this.#entered(world)
      // Leave when the time is over, even in the middle of a move or a reconnect.
      signal.addEventListener('abort', () => void world.leave())
      await this.#play(world, client, visit)
      await world.leave()
    } finally {
      if (this.#world !== undefined) stats.online--
      this.#world = undefined
      this.#fighter = undefined
      party?.leave(this)
      if (party !== undefined) await client.party.leave().catch(() => undefined) // already left, or never joined
    }
  }

  #entered(world: World): void {
    const { stats } = this.#parts
    this.#world = world
    stats.online++
    stats.placements++
    if (!this.#counted) stats.players++
    this.#counted = true
    this.#parts.eventLog?.follow(this.#schedule.person.name, world)
    world.on('moved', (move) => stats.recordMove(move))
    world.on('message', ({ type }) => {
      if (type === 'chat') stats.heard++
      else if (type === 'gathered') stats.gathered++
    })
    // A lost connection counts as a kick even if the client reconnects, because a player notices it.
    world.on('reconnecting', ({ attempt, cause }) => {
      if (attempt > 0) return
      stats.kicked++
      stats.error(cause)
    })
    world.on('reconnected', ({ downMs }) => stats.recordReconnect(downMs))
    world.on('closed', ({ error }) => {
      if (error === undefined) return
      stats.kicked++
      stats.error(error)
    })
  }

  async #play(world: World, client: StrataClient, visit: Visit): Promise<void> {
    const { account, random, stats, stopping, elapsed, partners = [] } = this.#parts
    const steering = new Steering()
    const wander = new Wander(steering, random)
    const fighter = new Fighter(world, { steering, stats, elapsed })
    this.#fighter = fighter
    const hunter = new Hunter(world, fighter, random)
    const delver = new Delver(world, fighter, steering)
    const chatter = new Chatter(world, { random, stats, character: client.character })
    const trader = new Trader(client, { partners, random, stats })
    let closing = ''
    world.on('closing', () => {
      closing = world.copy
    })
    while (!stopping.aborted && !world.closed && elapsed() < visit.until) {
      const now = elapsed()
      this.#noteCleared(visit, now)
      await this.#travel(world)
      const leaving = this.#destination() !== world.map
      let acting = world.map === DUNGEON
      if (acting) delver.step(now, { leaving })
      else acting = hunter.step(now, { peaceful: leaving || closing === world.copy || visit.until - now < PEACE_MS })
      if (!acting) wander.step(world, now)
      account.friends.step(now)
      chatter.step()
      if (partners.length > 0) trader.step(now)
      if (random() < 0.02) {
        world.send('chat', { text: `Anybody else in ${world.map}?` })
        stats.said++
      }
      await this.#pause((acting ? ACTING_MS : THINK_MS) * (0.75 + 0.5 * random()))
    }
  }

  /** The leader counts a cleared dungeon, and the party goes home. */
  #noteCleared(visit: Visit, now: DurationMs): void {
    const { party, stats } = this.#parts
    const stop = stopAt(visit, now)
    if (this.#fighter?.cleared !== true || stop?.map !== DUNGEON || stop === this.#cleared) return
    this.#cleared = stop
    if (party?.leader === this) stats.dungeonsCleared++
  }

  /** The map to be on: the leader's for a party member, otherwise the bot's own. */
  #destination(): MapName | undefined {
    const { party, elapsed } = this.#parts
    const leader = party?.leader
    return leader === undefined || leader === this ? this.wantedMap(elapsed()) : (leader.world?.map ?? leader.wantedMap(elapsed()))
  }

  async #travel(world: World): Promise<void> {
    const { party, elapsed, stats } = this.#parts
    const map = this.#destination()
    if (map === undefined || map === world.map || elapsed() < this.#travelAfter) {
      this.#waitsSince = undefined
      return
    }
    // A member in the leader's copy travels with the leader.
    if (party?.leader !== undefined && party.leader !== this && party.leader.world?.copy === world.copy) return
    this.#waitsSince ??= elapsed()
    if ((this.busy || party?.busyIn(world.copy) === true) && elapsed() - this.#waitsSince < FIGHT_WAIT_MS) return
    try {
      await world.travel(wishFor(map))
    } catch (error) {
      this.#travelAfter = elapsed() + TRAVEL_PAUSE_MS
      if (!world.closed) stats.error(error)
    }
  }

  /** Sleeps in short naps and checks for the end of the run in between. Cheaper than thousands of listeners on one abort signal. */
  async #pause(ms: DurationMs): Promise<void> {
    const { stopping, elapsed } = this.#parts
    const until = elapsed() + ms
    for (let left = ms; left > 0 && !stopping.aborted; left = until - elapsed()) await new Promise((resolve) => setTimeout(resolve, Math.min(left, NAP_MS)))
  }
}

/** Runs `act` at the first call only: the client reports its place in line repeatedly, but a wait counts once. */
function once(act: () => void): () => void {
  let done = false
  return () => {
    if (!done) act()
    done = true
  }
}
