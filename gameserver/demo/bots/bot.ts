import { StrataClient, StrataClientError, type World } from '../../../client/index.ts'
import type { DurationMs } from '../../../model/clock.ts'
import type { MapName } from '../../../model/ids.ts'
import type { Random } from '../../../model/random.ts'
import { type Agenda, stopAt, type Visit, visitAt } from './agenda.ts'
import type { Companion, Companions } from './companions.ts'
import type { Diary } from './diary.ts'
import type { Sightings } from './sightings.ts'
import { Stroll } from './stroll.ts'
import { Trader } from './trader.ts'

const THINK_MS = 500
/** How soon a sleeping bot hears that the run ends. */
const NAP_MS = 500
const RETRY_MS = 1_000
const RETRY_MAX_MS = 8_000
/** A journey that was refused is not asked for again at once. */
const TRAVEL_PAUSE_MS = 5_000

export interface BotParts {
  matchmaker: string
  random: Random
  sightings: Sightings
  /** Milliseconds since the run began. */
  elapsed: () => DurationMs
  companions: Companions | undefined
  diary?: Diary | undefined
  /** With whom it trades; nobody: it does not. */
  partners?: readonly string[]
  stopping: AbortSignal
}

/** One player: comes when its agenda says, plays, travels, and comes back by itself when something breaks. */
export class Bot implements Companion {
  readonly #agenda: Agenda
  readonly #parts: BotParts
  #world: World | undefined
  #known = false
  #travelAfter = 0

  constructor(agenda: Agenda, parts: BotParts) {
    this.#agenda = agenda
    this.#parts = parts
  }

  get world(): World | undefined {
    return this.#world
  }

  wanted(at: DurationMs): MapName | undefined {
    const visit = visitAt(this.#agenda, at)
    return visit === undefined ? undefined : stopAt(visit, at)
  }

  /** Ends with the agenda, or when told to stop. */
  async live(): Promise<void> {
    const { stopping, elapsed, random } = this.#parts
    for (const visit of this.#agenda.visits) {
      // Companions share an agenda; nobody logs in in the same instant as the others.
      await this.#pause(visit.from - elapsed() + random() * THINK_MS)
      for (let failures = 0; !stopping.aborted && elapsed() < visit.until; ) {
        try {
          await this.#visit(visit)
          failures = 0
        } catch (error) {
          if (stopping.aborted || elapsed() >= visit.until) break
          this.#parts.sightings.error(error)
          if (error instanceof StrataClientError && !error.retryable) break
          await this.#pause(Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** failures++) * (0.5 + random()))
        }
      }
      if (stopping.aborted) return
    }
  }

  /** From login to logout. Returns early when the world closed; rejects when it could not be entered. */
  async #visit(visit: Visit): Promise<void> {
    const { sightings, elapsed, stopping, companions, matchmaker } = this.#parts
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(Math.max(1, Math.ceil(visit.until - elapsed())))])
    const client = new StrataClient({ matchmaker })
    await client.login(this.#agenda.person, signal)
    try {
      await companions?.join(this, client, signal)
      const map = this.#destination() ?? stopAt(visit, elapsed())
      if (map === undefined || signal.aborted) return
      const world = await client.enter({ map }, { signal, onLine: once(() => sightings.waited++) })
      this.#entered(world)
      // Whoever is on the way when the time is over closes the game, as people do.
      signal.addEventListener('abort', () => void world.leave())
      await this.#play(world, client, visit)
      await world.leave()
    } finally {
      if (this.#world !== undefined) sightings.online--
      this.#world = undefined
      companions?.leave(this)
      if (companions !== undefined) await client.leaveParty().catch(() => undefined) // left, or never joined
    }
  }

  #entered(world: World): void {
    const { sightings } = this.#parts
    this.#world = world
    sightings.online++
    sightings.placements++
    if (!this.#known) sightings.players++
    this.#known = true
    this.#parts.diary?.follow(this.#agenda.person.name, world)
    world.on('moved', (move) => sightings.move(move))
    world.on('message', ({ type }) => {
      if (type === 'chat') sightings.heard++
      else if (type === 'gathered') sightings.gathered++
    })
    // A lost connection is a kick, though the client mends it: a player has seen it.
    world.on('reconnecting', ({ attempt, cause }) => {
      if (attempt > 0) return
      sightings.kicked++
      sightings.error(cause)
    })
    world.on('reconnected', ({ downMs }) => sightings.back(downMs))
    world.on('closed', ({ error }) => {
      if (error === undefined) return
      sightings.kicked++
      sightings.error(error)
    })
  }

  async #play(world: World, client: StrataClient, visit: Visit): Promise<void> {
    const { random, sightings, stopping, elapsed, partners = [] } = this.#parts
    const stroll = new Stroll(random)
    const trader = new Trader(client, partners, random, sightings)
    while (!stopping.aborted && !world.closed && elapsed() < visit.until) {
      await this.#travel(world)
      stroll.step(world, elapsed())
      if (partners.length > 0) trader.step(elapsed())
      if (random() < 0.02) {
        world.send('chat', { text: `Anybody else in ${world.map}?` })
        sightings.said++
      }
      await this.#pause(THINK_MS * (0.75 + 0.5 * random()))
    }
  }

  /** Where the leader means to be, or oneself when one leads. */
  #destination(): MapName | undefined {
    const { companions, elapsed } = this.#parts
    const leader = companions?.leader
    return leader === undefined || leader === this ? this.wanted(elapsed()) : (leader.world?.map ?? leader.wanted(elapsed()))
  }

  async #travel(world: World): Promise<void> {
    const { companions, elapsed, sightings } = this.#parts
    const map = this.#destination()
    if (map === undefined || map === world.map || elapsed() < this.#travelAfter) return
    // Whoever is with the leader is taken along.
    if (companions?.leader !== undefined && companions.leader !== this && companions.leader.world?.copy === world.copy) return
    try {
      await world.travel({ map })
    } catch (error) {
      this.#travelAfter = elapsed() + TRAVEL_PAUSE_MS
      if (!world.closed) sightings.error(error)
    }
  }

  /** In short naps: a listener at the one signal for each of a thousand sleepers would cost more than waking up to look. */
  async #pause(ms: DurationMs): Promise<void> {
    const { stopping, elapsed } = this.#parts
    const until = elapsed() + ms
    for (let left = ms; left > 0 && !stopping.aborted; left = until - elapsed()) await new Promise((resolve) => setTimeout(resolve, Math.min(left, NAP_MS)))
  }
}

/** The line tells its length again and again; it counts once. */
function once(act: () => void): () => void {
  let done = false
  return () => {
    if (!done) act()
    done = true
  }
}
