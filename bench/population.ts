import { MapReplica } from '../directory/mapReplica.ts'
import type { Census } from '../model/census.ts'
import { VirtualClock } from '../model/clock.ts'
import type { Copy } from '../model/copy.ts'
import type { MapName } from '../model/ids.ts'
import { seededRandom } from '../model/random.ts'
import type { Seat } from '../model/seat.ts'
import { LiveScore } from '../orchestrator/figures/liveScore.ts'
import { Population } from '../orchestrator/figures/population.ts'
import { policy } from '../orchestrator/reconcile/testing/world.ts'
import { Recorder } from '../orchestrator/recording/recorder.ts'
import { createLogger } from '../service/log.ts'
import type { Recordings } from '../store/records/recordings.ts'
import { numberAfter } from './arguments.ts'
import { quantile, type Report, rounded } from './report.ts'

export const summary = 'what figures and recording of the running world cost the leader each second, and bytes a day (--players 10000)'

const MAPS = 10
const PER_COPY = 100
const SECONDS = 300
/** Of all players, how many come, go or travel in one second: a session of an hour, travel every forty minutes. */
const CHURN = 1 / 3600 + 1 / 2400

export async function run(_stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const players = numberAfter(args, '--players') ?? 10_000
  const [random, clock] = [seededRandom(1), new VirtualClock(Date.UTC(2027, 0, 1, 0, 0, 30))]
  const world = new Crowd(players, random)
  const parts = {
    census: () => ({ at: clock.now(), maps: world.maps, servers: new Map(), whereabouts: new Map() }) satisfies Census,
    policies: () => world.policies,
    friendsOf: async (characters: readonly string[]) => new Map(characters.map((character) => [character, world.friendsOf(character)])),
    saltsOf: async (characters: readonly string[]) => new Map(characters.map((character) => [character, `salt of ${character}`])),
    clock,
  }
  let [bytes, chunks, keyframeBytes] = [0, 0, 0]
  const store = {
    recordingKey: async (key: Uint8Array, now: number) => ({ window: 1, key, since: now }),
    forgetRecording: async () => 0,
    recordChunk: async ({ events, keyframe }: { events: Uint8Array; keyframe: boolean }) => {
      if (keyframe) keyframeBytes = events.length
      else [bytes, chunks] = [bytes + events.length, chunks + 1]
      return true
    },
  } as unknown as Recordings // the recorder calls no other part
  const [population, score, recorder] = [
    new Population(parts),
    new LiveScore(parts),
    new Recorder({ store, clock, log: createLogger('bench', 'silent'), on: true, keepMs: 1e9 }),
  ]
  const times: Record<'sample' | 'score' | 'recorder', number[]> = { sample: [], score: [], recorder: [] }
  for (let second = 0; second < SECONDS; second++) {
    clock.advance(1_000)
    if (second > 0) world.churn(CHURN)
    const began = performance.now()
    const changes = await population.sample()
    if (changes === undefined) throw new Error('samples overlap')
    const sampled = performance.now()
    score.apply(changes)
    const scored = performance.now()
    recorder.apply(changes, population.present)
    const recorded = performance.now()
    times.sample.push(sampled - began)
    times.score.push(scored - sampled)
    times.recorder.push(recorded - scored)
    await recorder.flush()
  }
  const part = (name: keyof typeof times): Report => {
    const [first = 0, ...rest] = times[name]
    rest.sort((a, b) => a - b)
    return { firstMs: rounded(first), medianMs: rounded(quantile(rest, 0.5)), p99Ms: rounded(quantile(rest, 0.99)) }
  }
  const dayBytes = (bytes / chunks) * 1_416 + keyframeBytes * 24
  return {
    players,
    sample: part('sample'),
    score: part('score'),
    recorder: part('recorder'),
    bytesPerMinute: Math.round(bytes / chunks),
    keyframeBytes,
    megabytesPerDay: rounded(dayBytes / 1e6, 1),
  }
}

/** Players in copies of a hundred. The seats are those of the production replica. */
class Crowd {
  readonly maps = new Map<MapName, MapReplica>()
  readonly policies = new Map(Array.from({ length: MAPS }, (_, map) => [`map-${map}`, policy(`map-${map}`, { capacity: { soft: 98, hard: 100, company: 1 } })]))
  readonly #random: () => number
  readonly #where: { map: MapName; copy: string }[] = []

  constructor(players: number, random: () => number) {
    this.#random = random
    const copiesPerMap = Math.ceil(players / MAPS / PER_COPY)
    for (const map of this.policies.keys()) {
      const copies = Array.from(
        { length: copiesPerMap },
        (_, copy): Copy => ({ id: `${map}-${copy}`, map, server: 's', state: 'open', address: 'ws://s', created: 0, since: 0 }),
      )
      this.maps.set(map, new MapReplica({ map, seq: 0, waiting: 0, copies, seats: [] }))
    }
    for (let player = 0; player < players; player++) this.#enter(player)
  }

  friendsOf(character: string): string[] {
    const player = Number(character.slice(7))
    return Array.from({ length: 20 }, (_, friend) => nameOf(Math.abs(player + (friend - 10) * 7)))
  }

  churn(share: number): void {
    for (let n = this.#where.length * share * this.#random() * 2; n > 0; n--) {
      const player = Math.floor(this.#random() * this.#where.length)
      const { map, copy } = this.#where[player] ?? { map: '', copy: '' }
      this.#apply(map, copy, { set: [], freed: [nameOf(player)] })
      this.#enter(player)
    }
  }

  #enter(player: number): void {
    const map = `map-${Math.floor(this.#random() * MAPS)}`
    const copies = [...(this.maps.get(map)?.copies.keys() ?? [])]
    const copy = copies[Math.floor(this.#random() * copies.length)] ?? ''
    const seat: Seat = {
      character: nameOf(player),
      entity: player + 1,
      name: nameOf(player),
      language: 'en',
      guild: `guild-${player % 300}`,
      state: 'taken',
      since: player,
    }
    this.#where[player] = { map, copy }
    this.#apply(map, copy, { set: [seat], freed: [] })
  }

  #apply(map: MapName, copy: string, change: { set: Seat[]; freed: string[] }): void {
    const replica = this.maps.get(map)
    replica?.apply({ type: 'seats', map, copy, seq: replica.seq + 1, ...change })
  }
}

function nameOf(player: number): string {
  return `player-${player}`
}
