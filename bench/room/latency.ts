import { setTimeout as pause } from 'node:timers/promises'
import { MatchmakerHttp } from '../../client/api/http.ts'
import { PlacementApi } from '../../client/api/placementApi.ts'
import { connectRoom } from '../../client/room/roomLink.ts'
import { World } from '../../client/world.ts'
import { PROTOCOL_VERSION } from '../../model/server.ts'
import type { SeatAnswer } from '../../model/wire/matchmaker.ts'
import { quantile, type Report, rounded } from '../report.ts'

/** Pause between two probes of one kind, in ms. Chat has a budget of one message a second. */
const PROBE_EVERY_MS = 250
const CHAT_EVERY_MS = 1_100
/** A probe without an answer after this time counts with it, in ms. */
const LATE_MS = 5_000

/** Two players with the real SDK among the crowd. The first acts; the second receives its chat. */
export async function measureLatency(seats: readonly SeatAnswer[], seconds: number): Promise<Report> {
  // Nobody travels and nobody is moved, so the matchmaker is never called.
  const api = new PlacementApi(new MatchmakerHttp('http://127.0.0.1:1', undefined))
  const [actor, listener] = await Promise.all(seats.slice(0, 2).map((seat) => World.enter(seat, { api, connect: connectRoom, protocol: PROTOCOL_VERSION })))
  if (actor === undefined || listener === undefined) throw new Error('latency needs two seats')
  try {
    const until = performance.now() + seconds * 1_000
    const [move, combat, chat, economy] = await Promise.all([
      probe(until, PROBE_EVERY_MS, () => walkOnce(actor)),
      probe(until, PROBE_EVERY_MS, () => reply(actor, 'strike', 'struck')),
      probe(until, CHAT_EVERY_MS, (n) => sayOnce(actor, listener, n)),
      probe(until, PROBE_EVERY_MS, () => reply(actor, 'earn', 'earned')),
    ])
    return {
      meaning:
        'move: from world.input until the own body has moved in world.entities; combat: from a message until the effect that all near receive; chat: from world.say until another client has it; economy: from a message until the answer after a transaction in PostgreSQL',
      ...{ moveP50Ms: move.p50, moveP99Ms: move.p99, combatP50Ms: combat.p50, combatP99Ms: combat.p99 },
      ...{ chatP50Ms: chat.p50, chatP99Ms: chat.p99, economyP50Ms: economy.p50, economyP99Ms: economy.p99 },
      probes: move.probes + combat.probes + chat.probes + economy.probes,
    }
  } finally {
    await Promise.all([actor.leave(), listener.leave()])
  }
}

async function probe(until: number, everyMs: number, act: (n: number) => Promise<void>): Promise<{ p50: number; p99: number; probes: number }> {
  const times: number[] = []
  while (performance.now() < until) {
    const began = performance.now()
    await Promise.race([act(times.length), pause(LATE_MS, undefined, { ref: false })])
    times.push(performance.now() - began)
    await pause(everyMs)
  }
  times.sort((a, b) => a - b)
  return { p50: rounded(quantile(times, 0.5)), p99: rounded(quantile(times, 0.99)), probes: times.length }
}

/** Walks until the own body has moved, then stops. */
async function walkOnce(world: World): Promise<void> {
  const me = world.entities.get(world.self)
  const from = { x: me?.x ?? 0, y: me?.y ?? 0 }
  const moved = Promise.withResolvers<void>()
  const off = world.on('snapshot', () => {
    const now = world.entities.get(world.self)
    if (now !== undefined && (now.x !== from.x || now.y !== from.y)) moved.resolve()
  })
  world.input({ dx: from.x > 0 ? -1 : 1, dy: 0 }, { must: true })
  await Promise.race([moved.promise, pause(LATE_MS, undefined, { ref: false })])
  off()
  world.input({ dx: 0, dy: 0 }, { must: true })
}

async function reply(world: World, type: string, answer: string): Promise<void> {
  const answered = Promise.withResolvers<void>()
  const off = world.on('message', (message) => {
    if (message.type === answer) answered.resolve()
  })
  world.send(type, {})
  await Promise.race([answered.promise, pause(LATE_MS, undefined, { ref: false })])
  off()
}

async function sayOnce(from: World, to: World, n: number): Promise<void> {
  const heard = Promise.withResolvers<void>()
  const off = to.on('chat', ({ text }) => {
    if (text === `probe ${n}`) heard.resolve()
  })
  void from.say('map', `probe ${n}`)
  await Promise.race([heard.promise, pause(LATE_MS, undefined, { ref: false })])
  off()
}
