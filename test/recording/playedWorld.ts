import type { DurationMs } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import type { CharacterId, CopyId, MapName } from '../../model/ids.ts'
import { LOAD } from '../../model/load.ts'
import type { PlacementMember } from '../../model/placement/placement.ts'
import type { Policies } from '../../model/policy/policy.ts'
import { type Random, seededRandom } from '../../model/random.ts'
import { LiveScore } from '../../orchestrator/figures/liveScore.ts'
import { plan } from '../../orchestrator/plan/plan.ts'
import { Reconciler } from '../../orchestrator/reconcile/reconciler.ts'
import { serversClose } from '../../orchestrator/reconcile/testing/serversWork.ts'
import { World } from '../../orchestrator/reconcile/testing/world.ts'
import { Recorder } from '../../orchestrator/recording/recorder.ts'
import { WorldObserver } from '../../orchestrator/recording/worldObserver.ts'
import type { DaySums } from '../../score/day/daySums.ts'
import { rank } from '../../score/rank.ts'
import { createLogger } from '../../service/log.ts'
import { defaultSettings } from '../../store/accounts/accounts.ts'
import type { Recordings } from '../../store/records/recordings.ts'
import type { SocialProfile } from '../../store/store.ts'
import { MemoryFleets } from '../contract/memoryFleets.ts'
import { between } from './compare.ts'
import { decide, makePlayers, type Player } from './people.ts'
import { crowd, SECONDS, WARM_UP_SECONDS } from './policies.ts'

/** From the order of a move until the player is in the other copy: bots are seldom busy. */
const MOVE_MS: DurationMs = 2_000

export interface PlayOptions {
  policies: Policies
  players: number
  seed: number
  store: Recordings
  /** Whether the first server has no CPU for newcomers in a second of the crowd. */
  shortOfCpu?: (second: number) => boolean
}

/**
 * A world in virtual time: the production reconciler, planner and scorer over a directory in memory, with game servers that open copies and carry out moves, and
 * players in guilds, parties and friendships. The production observer measures and records it once a second.
 */
export class PlayedWorld {
  readonly world: World
  readonly score: LiveScore
  readonly #recorder: Recorder
  readonly #observer: WorldObserver
  readonly #players: Player[]
  readonly #random: Random
  readonly #maps: MapName[]
  readonly #shortOfCpu: (second: number) => boolean
  readonly #seats = new Map<CharacterId, { map: MapName; copy: CopyId }>()

  private constructor(world: World, { policies, players, seed, store, shortOfCpu = () => false }: PlayOptions) {
    this.world = world
    this.#shortOfCpu = shortOfCpu
    this.#random = seededRandom(seed)
    this.#players = makePlayers(players, this.#random)
    this.#maps = [...policies.keys()]
    const byId = new Map(this.#players.map((player) => [player.id, player]))
    const { clock } = world
    const parts = {
      census: world.parts.census,
      policies: () => world.policies,
      friendsOf: async (characters: readonly CharacterId[]) => new Map(characters.map((character) => [character, [...(byId.get(character)?.friends ?? [])]])),
      saltsOf: async () => new Map<CharacterId, string>(),
      clock,
    }
    this.score = new LiveScore(parts)
    this.#recorder = new Recorder({ store, clock, log: createLogger('test', 'silent'), on: true, keepMs: Number.MAX_SAFE_INTEGER / 1000 })
    this.#observer = new WorldObserver({ ...parts, score: this.score, recorder: this.#recorder })
    world.reconciler = new Reconciler({ ...world.parts, profiles: async (characters) => characters.flatMap((character) => profileOf(byId.get(character))) })
  }

  static async of(options: PlayOptions): Promise<PlayedWorld> {
    return new PlayedWorld(await World.of(new MemoryFleets({ overworld: { replicas: 4, rooms: 8 } }), [...options.policies.values()], plan), options)
  }

  /** Plays the warm-up and the crowd, and ends. Returns the sums after the warm-up. */
  async measure(): Promise<DaySums> {
    await this.#play(WARM_UP_SECONDS, { online: () => crowd(0), shortOfCpu: () => false })
    const before = this.score.sums()
    await this.#play(SECONDS, { online: crowd, shortOfCpu: this.#shortOfCpu })
    const after = this.score.sums()
    this.#observer.pause()
    await this.#recorder.flush()
    return between(before, after)
  }

  /** Lets seconds pass. `online`: the share of the players that is online in each of them. */
  async #play(seconds: number, { online, shortOfCpu }: { online(second: number): number; shortOfCpu(second: number): boolean }): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      decide(this.#players, online(second), { maps: this.#maps, random: this.#random })
      await this.#follow()
      await this.#serversMove()
      await this.world.serversWork()
      if (shortOfCpu(second)) await this.#reportLoad()
      await serversClose(this.world.directory)
      await this.world.round(1_000)
      await this.world.refresh()
      await this.#observer.sample()
      if (second % 60 === 0) await this.#recorder.flush()
    }
  }

  async #reportLoad(): Promise<void> {
    const [first] = this.world.parts.census().servers.values()
    if (first !== undefined) await this.world.directory.reportServer({ ...first, load: LOAD.closed, beat: this.world.clock.now() })
  }

  /** Players go where they want to be. Who finds no seat tries again a second later. */
  async #follow(): Promise<void> {
    const { directory } = this.world
    const groups = Map.groupBy(
      this.#players.filter(({ id, wants }) => this.#seats.get(id)?.map !== wants),
      ({ party, id }) => party ?? id,
    )
    for (const group of groups.values()) {
      for (const { id } of group) {
        const { copies, seats } = this.#seats.has(id) ? await directory.snapshot(this.#seats.get(id)?.map ?? '') : { copies: [], seats: [] }
        for (const { copy, seat } of seats) if (seat.character === id && copies.length > 0) await directory.freeSeat(this.#seats.get(id)?.map ?? '', copy, id)
        this.#seats.delete(id)
      }
      const map = group[0]?.wants
      if (map !== undefined) await this.#enter(map, group)
    }
  }

  async #enter(map: MapName, group: readonly Player[]): Promise<void> {
    const { directory, clock, policies } = this.world
    await this.world.refresh()
    const census = this.world.parts.census()
    const [there, policy, now] = [census.maps.get(map), policies.get(map), clock.now()]
    if (there === undefined || policy === undefined) return
    const members = group.map(memberOf)
    const request = { map, members, protocol: 1, ...defined({ party: group[0]?.party }) }
    const { options } = rank(request, there, { policy, servers: census.servers, now })
    const holders = members.map(({ holder }) => holder)
    if (options.length === 0) return
    const copy = await directory.holdSeats({ map, holders, options, now, deadline: now + 5_000, ...defined({ party: group[0]?.party }) })
    if (copy === undefined) return
    for (const { id } of group) {
      await directory.takeSeat(map, copy, id, now)
      await this.#present(id, map, copy)
    }
  }

  async #present(character: CharacterId, map: MapName, copy: CopyId): Promise<void> {
    this.#seats.set(character, { map, copy })
    const server = this.world.parts.census().maps.get(map)?.copies.get(copy)?.copy.server ?? ''
    await this.world.directory.setPresence({ character, map, copy, server, epoch: 1 })
  }

  /** Game servers carry out the orders of moves. A move with a member who has left is cancelled. */
  async #serversMove(): Promise<void> {
    const { directory, clock, fleets } = this.world
    for (const server of fleets.servers.keys()) {
      for (const order of await directory.movesFor(server)) {
        if (clock.now() - order.ordered < MOVE_MS) continue
        const { map } = order.to
        const characters = await this.#seated(map, order.from.copy, order.to.copy, order.to.heldUntil)
        const all = order.members.every(({ character }) => characters.has(character))
        for (const { character } of order.members) {
          if (all) {
            await directory.takeSeat(map, order.to.copy, character, clock.now())
            await directory.freeSeat(map, order.from.copy, character)
            await this.#present(character, map, order.to.copy)
          } else await directory.giveBackSeat(map, order.to.copy, character, order.to.heldUntil)
        }
        const outcome = { id: order.id, cause: order.cause, state: all ? ('done' as const) : ('cancelled' as const), members: order.members.length }
        await directory.settleMove(server, outcome)
        this.score.settled(outcome)
      }
    }
  }

  /** Who has a taken seat in one copy and a held one in the other. */
  async #seated(map: MapName, from: CopyId, to: CopyId, heldUntil: number): Promise<Set<CharacterId>> {
    const { seats } = await this.world.directory.snapshot(map)
    const there = seats.filter(({ copy, seat }) => copy === from && seat.state === 'taken').map(({ seat }) => seat.character)
    const held = new Set(
      seats.filter(({ copy, seat }) => copy === to && seat.state === 'held' && seat.deadline === heldUntil).map(({ seat }) => seat.character),
    )
    return new Set(there.filter((character) => held.has(character)))
  }
}

function memberOf({ id, entity, language, guild, party, friends }: Player): PlacementMember {
  return { holder: defined({ character: id, entity, name: id, language, guild, party }), friends, familiar: new Set() }
}

function profileOf(player: Player | undefined): SocialProfile[] {
  if (player === undefined) return []
  const { id, entity, language, guild, party, friends } = player
  const account: string = id
  const profile = {
    character: id,
    entity,
    name: id,
    account,
    language,
    languages: [language],
    partyMembers: [],
    friends: [...friends],
    settings: defaultSettings,
  }
  return [{ ...profile, ...defined({ guild, party }) }]
}
