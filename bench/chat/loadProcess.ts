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
import { type Answer, type Heard, keyOf, nowMs, type Order } from './messages.ts'

/** Players that enter at the same time. */
const ENTERING = 8
/** Pause between two looks which messages are due, in ms. */
const STEP_MS = 2
/** The golden ratio spreads the moments at which players speak evenly. */
const SPREAD = 0.618_033_988_749
/** What follows the numbers in each text: the length of an ordinary sentence. */
const WORDS = 'Has anybody seen the way out of here?'
const spoken = /^(\d+) (\d+) ([\d.]+) /

interface Player {
  person: Person
  world: World
  /** Number of the last message, by the channel. */
  said: Map<SpokenKind, number>
  /** Number of the last message that arrived, by its sender and channel. */
  last: Map<string, number>
}

/** One process of players with the real SDK, each with its own WebSocket. */
const players: Player[] = []
let round = 0
let delays: number[] = []
let lateness: number[] = []
let heard = nothing()

function nothing(): Omit<Heard, 'delaysMs' | 'latenessMs'> {
  return { said: new Map(), refused: new Map(), received: new Map(), outOfOrder: 0, disconnected: 0, lastAt: 0 }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function hear(player: Player, { channel, from, text }: ChatEvent): void {
  const [, ofRound, number, at] = spoken.exec(text) ?? []
  if (from === undefined || Number(ofRound) !== round) return
  const now = nowMs()
  const key = keyOf(channel, from.character)
  if (Number(number) <= (player.last.get(key) ?? 0)) heard.outOfOrder++
  player.last.set(key, Number(number))
  add(heard.received, key)
  delays.push(now - Number(at))
  heard.lastAt = now
}

async function enter(arrivals: Extract<Order, { order: 'enter' }>['players']): Promise<void> {
  // Nobody travels and nobody is moved, so the matchmaker is never called.
  const api = new PlacementApi(new MatchmakerHttp('http://127.0.0.1:1', undefined))
  await inFlight(arrivals.length, ENTERING, async (index) => {
    const arrival = arrivals[index]
    if (arrival === undefined) return
    const world = await World.enter(arrival.seat, { api, connect: connectRoom, protocol: PROTOCOL_VERSION })
    const player: Player = { person: arrival.person, world, said: new Map(), last: new Map() }
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
  for (const { said, last } of players) for (const numbers of [said, last]) numbers.clear()
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
  const text = `${round} ${number} ${nowMs()} ${WORDS}`
  const result = await world.say(channel, text, channel === 'whisper' ? { to: person.partner } : {})
  if (result.delivered) add(heard.said, keyOf(channel, person.character))
  else add(heard.refused, result.code)
}

async function obey(order: Order): Promise<Answer> {
  switch (order.order) {
    case 'enter':
      await enter(order.players)
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
