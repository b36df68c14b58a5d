import { setTimeout as pause } from 'node:timers/promises'
import { MatchmakerHttp } from '../../client/api/http.ts'
import { PlacementApi } from '../../client/api/placementApi.ts'
import { connectRoom } from '../../client/room/roomLink.ts'
import { World } from '../../client/world.ts'
import { seededRandom } from '../../model/random.ts'
import { PROTOCOL_VERSION } from '../../model/server.ts'
import type { ChatEvent, SpokenKind } from '../../model/wire/chat.ts'
import { inFlight } from '../report.ts'
import { drawChannel, type Person } from './crowd.ts'
import { type Answer, countsFor, type Heard, keyOf, nowMs, type Order } from './messages.ts'

/** Players that enter at the same time. */
const ENTERING = 8
/** Pause between two looks which messages are due, in ms. */
const STEP_MS = 2
/** The golden ratio spreads the moments at which players speak evenly. */
const SPREAD = 0.618_033_988_749
/** What follows the numbers in each text: the length of an ordinary sentence. */
const WORDS = 'Has anybody seen the way out of here?'

interface Player {
  person: Person
  world: World
  /** Number of the last message, by the channel. */
  said: Map<SpokenKind, number>
  /** Number of the last message that arrived, by its sender and channel. */
  last: Uint32Array
}

/** One process of players with the real SDK, each with its own WebSocket. */
const players: Player[] = []
let round = 0
let delays: number[] = []
let lateness: number[] = []
let everybody = 0
let heard = nothing()

function nothing(): Omit<Heard, 'delaysMs' | 'latenessMs'> {
  return { said: countsFor(everybody), received: countsFor(everybody), refused: new Map(), outOfOrder: 0, disconnected: 0, lastAt: 0 }
}

function count(counts: Uint32Array, key: number): void {
  counts[key] = (counts[key] ?? 0) + 1
}

function hear({ last }: Player, { channel, text }: ChatEvent): void {
  const [ofRound, number, at, sender] = text.split(' ', 4)
  if (channel === 'announcement' || Number(ofRound) !== round) return
  const now = nowMs()
  const key = keyOf(channel, Number(sender))
  if (Number(number) <= (last[key] ?? 0)) heard.outOfOrder++
  last[key] = Number(number)
  count(heard.received, key)
  delays.push(now - Number(at))
  heard.lastAt = now
}

async function enter({ people, players: arrivals }: Extract<Order, { order: 'enter' }>): Promise<void> {
  everybody = people
  // Nobody travels and nobody is moved, so the matchmaker is never called.
  const api = new PlacementApi(new MatchmakerHttp('http://127.0.0.1:1', undefined))
  await inFlight(arrivals.length, ENTERING, async (index) => {
    const arrival = arrivals[index]
    if (arrival === undefined) return
    const world = await World.enter(arrival.seat, { api, connect: connectRoom, protocol: PROTOCOL_VERSION })
    const player: Player = { person: arrival.person, world, said: new Map(), last: countsFor(people) }
    world.on('chat', (event) => hear(player, event))
    world.on('reconnecting', ({ attempt }) => {
      if (attempt === 0) heard.disconnected++
    })
    players.push(player)
  })
}

function begin(next: number): void {
  round = next
  delays = []
  lateness = []
  heard = nothing()
  for (const { said, last } of players) {
    said.clear()
    last.fill(0)
  }
}

async function talk({ everyMs, seconds }: Extract<Order, { order: 'talk' }>): Promise<void> {
  const random = seededRandom(round)
  const began = nowMs()
  const due = players.map((player) => ({ player, at: began + ((player.person.index * SPREAD) % 1) * everyMs })).sort((a, b) => a.at - b.at)
  const answers: Promise<void>[] = []
  for (let now = began; now < began + seconds * 1_000; now = nowMs()) {
    // The first one is always the next to speak: all speak at the same interval.
    for (let first = due[0]; first !== undefined && first.at <= now; first = due[0]) {
      lateness.push(now - first.at)
      answers.push(say(first.player, drawChannel(random)))
      due.shift()
      due.push({ player: first.player, at: first.at + everyMs })
    }
    await pause(STEP_MS)
  }
  await Promise.all(answers)
}

async function say({ person, world, said }: Player, channel: SpokenKind): Promise<void> {
  const number = (said.get(channel) ?? 0) + 1
  said.set(channel, number)
  const text = `${round} ${number} ${nowMs()} ${person.index} ${WORDS}`
  const result = await world.say(channel, text, channel === 'whisper' ? { to: person.partner } : {})
  if (result.delivered) count(heard.said, keyOf(channel, person.index))
  else heard.refused.set(result.code, (heard.refused.get(result.code) ?? 0) + 1)
}

async function obey(order: Order): Promise<Answer> {
  switch (order.order) {
    case 'enter':
      await enter(order)
      return { answer: 'entered' }
    case 'begin':
      begin(order.round)
      return { answer: 'begun' }
    case 'talk':
      await talk(order)
      return { answer: 'talked' }
    case 'count':
      return { answer: 'count', received: delays.length }
    case 'collect':
      return { answer: 'collected', heard: { ...heard, delaysMs: Float64Array.from(delays), latenessMs: Float64Array.from(lateness) } }
  }
}

function send(answer: Answer): void {
  process.send?.(answer)
}

process.on('disconnect', () => process.exit(0))
process.on('message', (order: Order) => void obey(order).then(send, (error: unknown) => send({ answer: 'failed', error: String(error) })))
send({ answer: 'ready' })
