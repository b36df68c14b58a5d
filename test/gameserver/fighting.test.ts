import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { connectRoom } from '../../client/room/roomLink.ts'
import { World } from '../../client/world.ts'
import { barrowRooms } from '../../gameserver/demo/barrow.ts'
import { BotStats } from '../../gameserver/demo/bots/botStats.ts'
import { Delver } from '../../gameserver/demo/bots/play/delver.ts'
import { Fighter } from '../../gameserver/demo/bots/play/fighter.ts'
import { Steering } from '../../gameserver/demo/bots/play/steering.ts'
import { FIGHT_MS, HEALTH_MAX, unhurt } from '../../gameserver/demo/combat/vitals.ts'
import { CreaturePool } from '../../gameserver/demo/creatures/creaturePool.ts'
import { species } from '../../gameserver/demo/creatures/species.ts'
import { FLAG } from '../../gameserver/demo/flags.ts'
import { demoMap, KIND } from '../../gameserver/demo/maps.ts'
import type { DemoState } from '../../gameserver/demo/state.ts'
import { fromStored } from '../../gameserver/zone/residents/state/storedState.ts'
import type { Copy } from '../../model/copy.ts'
import { seededRandom } from '../../model/random.ts'
import { PROTOCOL_VERSION } from '../../model/server.ts'
import { control, type GoMessage, type LiveMessage } from '../../model/wire/room.ts'
import type { EntityView } from '../../model/wire/snapshot.ts'
import { makeParty } from '../people.ts'
import { orderMove } from './harness/moves.ts'
import { Player } from './harness/player.ts'
import { Servers, until } from './harness/servers.ts'

vi.setConfig({ testTimeout: 120_000 })

type Open = Copy & { state: 'open' }
let servers: Servers
let [here, there, barrow]: [Open, Open, Open] = [] as never

beforeAll(async () => {
  servers = await Servers.start()
  const [a, b] = await Promise.all([servers.server(), servers.server()])
  ;[here, there, barrow] = await Promise.all([
    servers.open('forest', 'forest-a', a),
    servers.open('forest', 'forest-b', b),
    servers.open('barrow', 'barrow-1', b),
  ])
}, 60_000)
afterAll(() => servers[Symbol.asyncDispose]())

/** A creature of this kind where it lives. */
function home(map: string, kind: number, number = 0): EntityView {
  const found = new CreaturePool(map, { random: seededRandom(1), now: 0 }).views().filter((view) => view.kind === kind)[number]
  if (found === undefined) throw new Error(`there is no creature ${number} of kind ${kind} on the map ${map}`)
  return found
}
const hits = (player: Player) =>
  player.messages.flatMap(({ type, data, at }) => (type === 'hit' ? [{ ...(data as { by: number; target: number; health: number }), at }] : []))

/** Attacks until the creature is dead or `enough` is true. The raw client says that it sees the present. */
async function fight(player: Player, target: number, enough: () => boolean): Promise<void> {
  const attack = setInterval(() => player.room.send('attack', { target, tick: 0xffff_ffff }), 200)
  try {
    await player.until('the end of the fight', enough, 60_000)
  } finally {
    clearInterval(attack)
  }
}

describe('a fight', () => {
  it('M3: holds a move until it is over; health and cool-down go along', async () => {
    const boar = home('forest', KIND.boar, 3)
    const ann = await servers.holder('Fighter Ann')
    await servers.place(ann, { map: 'forest', x: boar.x, y: boar.y, vitals: { ...unhurt(), health: 60 } })
    const player = await servers.enter(ann, here)
    await fight(player, boar.id, () => hits(player).some(({ by }) => by === ann.entity))
    await orderMove(servers, { holders: [ann], from: here, to: there })
    await fight(player, boar.id, () => player.messages.some(({ type }) => type === 'killed'))
    const { standby, go } = await follow(player, 60_000)
    const blows = hits(player)
    // The client's clock sees both late, by different delays.
    expect(player.at(control.go) - (blows.at(-1)?.at ?? 0)).toBeGreaterThan(FIGHT_MS - 1_000)
    standby.room.send(control.activate, { move: go.move, epoch: go.epoch })
    const { self } = (await standby.live()) as LiveMessage & { self: { health: number } }
    const least = Math.min(60, ...blows.filter(({ target }) => target === ann.entity).map(({ health }) => health))
    expect(self.health).toBeGreaterThanOrEqual(least)
    expect(self.health).toBeLessThan(HEALTH_MAX)
    await Promise.all([player.room.leave(), standby.room.leave()])
  })

  it('M3: past its deadline a merge moves who is in a fight, and the fight goes along: health and target', async () => {
    const boar = home('forest', KIND.boar, 8)
    const ben = await servers.holder('Fighter Ben')
    await servers.place(ben, { map: 'forest', x: boar.x, y: boar.y, vitals: { ...unhurt(), health: 40 } })
    const player = await servers.enter(ben, here)
    await fight(player, boar.id, () => hits(player).some(({ by }) => by === ben.entity))
    await player.until('it is struck', () => hits(player).some(({ target }) => target === ben.entity), 20_000)
    await orderMove(servers, { holders: [ben], from: here, to: there, deadlineMs: 0 })
    const { standby, go } = await follow(player, 20_000)
    standby.room.send(control.activate, { move: go.move, epoch: go.epoch })
    const { self } = (await standby.live()) as LiveMessage & { self: { health: number; target: number } }
    expect(self.target).toBe(boar.id)
    const health = hits(player).findLast(({ target }) => target === ben.entity)?.health ?? 0
    expect(self.health).toBeGreaterThanOrEqual(health)
    expect(self.health).toBeLessThan(health + species.boar.damage)
    // The boar of the other copy knows nothing of it.
    await standby.until('sees the boar', () => standby.seen.get(boar.id), 20_000)
    await Promise.all([player.room.leave(), standby.room.leave()])
  })

  it('a player who leaves in a fight stays in it, and goes down', async () => {
    const boar = home('forest', KIND.boar, 12)
    const dan = await servers.holder('Fighter Dan')
    await servers.place(dan, { map: 'forest', x: boar.x, y: boar.y, vitals: { ...unhurt(), health: 2 * species.boar.damage } })
    const player = await servers.enter(dan, here)
    await fight(player, boar.id, () => hits(player).some(({ by }) => by === dan.entity))
    await player.room.leave()
    await until('it is gone', async () => (await servers.seat(here, dan)) === undefined, 60_000)
    const { vitals } = fromStored(await servers.store.claim(dan.character, { copy: 'after', server: 'after' })).game as DemoState // of the version that the server saved
    expect(vitals.health).toBe(0)
  })

  it('a player goes down, lies there, and stands up where players arrive; a new login meanwhile changes nothing of it', async () => {
    const wolf = home('forest', KIND.wolf)
    const cyd = await servers.holder('Fighter Cyd')
    await servers.place(cyd, { map: 'forest', x: wolf.x, y: wolf.y, vitals: { ...unhurt(), health: species.wolf.damage } })
    const first = await servers.enter(cyd, here)
    await first.message('down', 30_000)
    await first.until('lies', () => ((first.seen.get(cyd.entity)?.flags ?? 0) & FLAG.dead) !== 0, 20_000)
    first.room.connection.close(3_000)
    const again = await servers.enter(cyd, here)
    const { x, y } = demoMap('forest').spawns[cyd.entity % demoMap('forest').spawns.length] ?? { x: 0, y: 0 }
    const me = await again.until(
      'stands where players arrive',
      () => {
        const seen = again.seen.get(cyd.entity)
        return seen !== undefined && Math.hypot(seen.x - x, seen.y - y) < 20 && (seen.flags & FLAG.dead) === 0 ? seen : undefined
      },
      30_000,
    )
    expect(me.kind).toBe(KIND.player)
    await again.room.leave()
  })
})

it('a party of bots clears the barrow, and the king drops something for each member', async () => {
  const holders = await Promise.all(['Delver Ann', 'Delver Ben', 'Delver Cyd'].map((name) => servers.holder(name)))
  await makeParty(
    servers.store,
    'delvers',
    holders.map(({ character }) => character),
  )
  const stats = new BotStats()
  const began = performance.now()
  const elapsed = (): number => performance.now() - began
  const bots = await Promise.all(
    holders.map(async (holder) => {
      const ticket = await servers.ticket({ ...holder, party: 'delvers' }, barrow)
      const seat = { address: barrow.address, map: barrow.map, copy: barrow.id, ticket, expires: Date.now() + 60_000 }
      const world = await World.enter(seat, { api: undefined as never, connect: connectRoom, protocol: PROTOCOL_VERSION }) // only travels use the API
      const steering = new Steering()
      const fighter = new Fighter(world, { steering, stats, elapsed })
      return { world, fighter, delver: new Delver(world, fighter, steering) }
    }),
  )
  const thinking = setInterval(() => {
    for (const { delver } of bots) delver.step(elapsed(), { leaving: false })
  }, 150)
  await until('the barrow is cleared', async () => bots.every(({ fighter }) => fighter.cleared), 100_000)
  clearInterval(thinking)
  const bag = async (character: string): Promise<string[]> => (await servers.store.economy.holdings(character)).items.map(({ kind }) => kind)
  for (const { character } of holders) await until('the crown is booked', async () => (await bag(character)).includes('crown'), 30_000)
  // The party was in the last room, behind all doors.
  const last = barrowRooms.at(-1) ?? { x: 0, y: 0 }
  expect(bots.some(({ world }) => distanceTo(world.entities.get(world.self), last) < 20)).toBe(true)
  const items = (await Promise.all(holders.map(({ character }) => bag(character)))).flat()
  expect(items.filter((kind) => kind === 'crown')).toHaveLength(3)
  expect(items.filter((kind) => kind === 'bone')).toHaveLength(stats.kills - 1)
  await Promise.all(bots.map(({ world }) => world.leave()))
})

/** Joins the destination on standby, and waits for the release. */
async function follow(player: Player, timeoutMs: number): Promise<{ standby: Player; go: GoMessage }> {
  const offer = await player.message<{ address: string; copy: string; ticket: string; move: string }>(control.offer, timeoutMs)
  const standby = await Player.join(offer.address, offer.copy, offer.ticket)
  player.room.send(control.arrived, { move: offer.move })
  return { standby, go: await player.message<GoMessage>(control.go, timeoutMs) }
}

function distanceTo(at: { x: number; y: number } | undefined, place: { x: number; y: number }): number {
  return at === undefined ? Number.POSITIVE_INFINITY : Math.hypot(at.x - place.x, at.y - place.y)
}
