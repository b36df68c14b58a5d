import { MatchmakerHttp } from '../../../../client/api/http.ts'
import { PlacementApi } from '../../../../client/api/placementApi.ts'
import { waitForSeat } from '../../../../client/enter/takeSeat.ts'
import { StrataClient } from '../../../../client/index.ts'
import { seededRandom } from '../../../../model/random.ts'
import { PROTOCOL_VERSION } from '../../../../model/server.ts'
import type { LoginResponse } from '../../../../model/wire/characters.ts'
import { Millis } from './millis.ts'
import type { RawAnswer, RawData, RawOrder, RawPlay } from './rawMessages.ts'
import { type RawCounts, RawPlayer, type RawSeat, type SlowReading } from './rawPlayer.ts'

/** A process of raw players, forked by rawPool.ts. It ends when the parent disconnects. */

/** Players that enter at the same time. */
const ENTERING = 8
/** Time in ms between two looks which players have an input due. */
const SLICE_MS = 10
/** Time in ms between two samples of how old the views are. */
const SAMPLE_MS = 250
/** Time in ms for which a player walks in one direction, at least and at most. */
const STRAIGHT_MS = { min: 1_000, max: 4_000 }

/** The ways of slow players, who take turns. */
const SLOW_READING: readonly SlowReading[] = ['bursts', 'pongs', 'bursts', 'nothing']

interface Walker {
  player: RawPlayer
  direction: { dx: number; dy: number }
  turnsAt: number
  nextInputAt: number
}

const walkers: Walker[] = []
const refused = new Map<string, number>()
const counts = newCounts()
let ages = { all: new Millis(), near: new Millis() }
let inSight = { sum: 0, samples: 0 }
let lateness = new Millis()
let since = performance.now()

function newCounts(): RawCounts {
  return { bytes: 0, frames: 0, snapshots: 0, inputs: 0, gaps: new Millis(), inputDelays: new Millis() }
}

function begin(): void {
  // The players hold on to the object.
  Object.assign(counts, newCounts())
  ages = { all: new Millis(), near: new Millis() }
  inSight = { sum: 0, samples: 0 }
  lateness = new Millis()
  since = performance.now()
}

async function enterAll<T>(all: readonly T[], seatOf: (one: T) => Promise<RawSeat>, play: RawPlay, live: boolean): Promise<void> {
  const random = seededRandom(play.seed)
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < all.length; index = next++) {
      try {
        const one = all[index]
        if (one === undefined) return
        const decodes = Math.floor((index + 1) * play.decodeShare) > Math.floor(index * play.decodeShare)
        const player = await RawPlayer.join(await seatOf(one), { counts, decodes, movingFlag: play.movingFlag }, live)
        const now = performance.now()
        walkers.push({ player, direction: { dx: 1, dy: 0 }, turnsAt: now, nextInputAt: now + random() * (1_000 / play.inputRate) })
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        refused.set(reason, (refused.get(reason) ?? 0) + 1)
      }
    }
  }
  await Promise.all(Array.from({ length: ENTERING }, worker))
  walk(play, random)
}

function walk({ inputRate }: RawPlay, random: () => number): void {
  let due = performance.now() + SLICE_MS
  setInterval(() => {
    const now = performance.now()
    lateness.add(now - due)
    due = now + SLICE_MS
    for (const walker of walkers) {
      if (walker.player.closed || now < walker.nextInputAt) continue
      if (now >= walker.turnsAt) {
        const angle = random() * 2 * Math.PI
        walker.direction = { dx: Math.cos(angle), dy: Math.sin(angle) }
        walker.turnsAt = now + STRAIGHT_MS.min + random() * (STRAIGHT_MS.max - STRAIGHT_MS.min)
      }
      walker.player.input(walker.direction)
      walker.nextInputAt = Math.max(now, walker.nextInputAt + 1_000 / inputRate)
    }
  }, SLICE_MS)
  setInterval(() => {
    const now = performance.now()
    for (const { player } of walkers) {
      if (player.view === undefined || player.closed) continue
      player.view.sample(ages, now)
      inSight.sum += player.view.inSight
      inSight.samples++
    }
  }, SAMPLE_MS)
}

function collect(): RawData {
  return {
    online: walkers.filter(({ player }) => !player.closed).length,
    lost: walkers.filter(({ player }) => player.closed).length,
    refused: Object.fromEntries(refused),
    seconds: (performance.now() - since) / 1_000,
    ...{ bytes: counts.bytes, frames: counts.frames, snapshots: counts.snapshots, inputs: counts.inputs },
    ...{ gaps: counts.gaps.counts, inputDelays: counts.inputDelays.counts, ages: ages.all.counts, nearAges: ages.near.counts },
    inSight,
    lateness: lateness.counts,
  }
}

/** A seat through the matchmaker, as any client gets one over HTTP. */
async function signIn(name: string, { matchmaker, map }: Extract<RawOrder, { order: 'signIn' }>): Promise<RawSeat> {
  const anonymous = new MatchmakerHttp(matchmaker, undefined)
  const { session } = await anonymous.call<LoginResponse>('POST', '/v1/login', { body: { account: name }, signal: undefined })
  const client = new StrataClient({ matchmaker, session })
  const [known] = await client.characters.list()
  const { character } = known ?? (await client.characters.create({ name }))
  const http = new MatchmakerHttp(matchmaker, session)
  http.character = character
  const { address, copy, ticket } = await waitForSeat(new PlacementApi(http), { map, protocol: PROTOCOL_VERSION }, {})
  return { address, room: copy, options: { ticket, protocol: PROTOCOL_VERSION } }
}

async function obey(order: RawOrder): Promise<RawAnswer> {
  switch (order.order) {
    case 'enter':
      await enterAll(order.seats, async (seat) => seat, order.play, order.live)
      break
    case 'signIn':
      await enterAll(order.names, (name) => signIn(name, order), order.play, true)
      break
    case 'begin':
      begin()
      break
    case 'readSlowly':
      for (const [n, { player }] of walkers.slice(0, order.count).entries()) player.readSlowly(SLOW_READING[n % SLOW_READING.length] ?? 'nothing')
      break
    case 'collect':
      return { answer: 'collected', data: collect() }
  }
  return { answer: 'done' }
}

function send(answer: RawAnswer): void {
  process.send?.(answer)
}

process.on('disconnect', () => process.exit(0))
// The terminal signals all processes of the group. Ignore it here: the parent gets it, too, and disconnects.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
process.on('message', (order: RawOrder) => void obey(order).then(send, (error: unknown) => send({ answer: 'failed', error: String(error) })))
send({ answer: 'ready' })
