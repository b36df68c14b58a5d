import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { CreaturePool } from '../../gameserver/demo/creatures/creaturePool.ts'
import { KIND } from '../../gameserver/demo/maps.ts'
import type { DemoState, Owed } from '../../gameserver/demo/state.ts'
import { fromStored } from '../../gameserver/zone/residents/state/storedState.ts'
import type { CharacterId } from '../../model/ids.ts'
import { seededRandom } from '../../model/random.ts'
import { control, type GoMessage, type OfferMessage } from '../../model/wire/room.ts'
import { orderMove } from '../gameserver/harness/moves.ts'
import { Player } from '../gameserver/harness/player.ts'
import { Servers, until } from '../gameserver/harness/servers.ts'
import { faultsOf, noFaults } from './auditFaults.ts'

vi.setConfig({ testTimeout: 90_000 })

let servers: Servers
beforeAll(async () => {
  servers = await Servers.start()
}, 60_000)
afterAll(async () => {
  expect(faultsOf(await servers.store.economy.audit())).toEqual(noFaults)
  await servers[Symbol.asyncDispose]()
})

const bag = async (character: CharacterId): Promise<string[]> => (await servers.store.economy.holdings(character)).items.map(({ kind }) => kind)
const lootOf = (count: number): Owed[] => Array.from({ length: count }, (_, n) => ({ id: `before ${n}`, kinds: ['pelt'], from: 'loot' }))

/** What the character is still owed, once it has left and no server has it. */
async function owedAfterwards(character: CharacterId): Promise<Owed[]> {
  const state = fromStored(await servers.store.claim(character, { copy: 'after', server: 'after' })).game as DemoState // of the version that the server saved
  return state.owed
}

it('M1: the loot of a kill is in the bag of its killer once', async () => {
  const forest = await servers.open('forest', 'forest-kill', await servers.server())
  const boar = new CreaturePool('forest', { random: seededRandom(1), now: 0 }).views().find(({ kind }) => kind === KIND.boar)
  if (boar === undefined) throw new Error('the forest has boars')
  const ada = await servers.holder('Hunter Ada')
  await servers.place(ada, { map: 'forest', x: boar.x, y: boar.y })
  const player = await servers.enter(ada, forest)
  const attack = setInterval(() => player.room.send('attack', { target: boar.id, tick: 0xffff_ffff }), 200)
  expect(await player.message('gained', 60_000)).toMatchObject({ from: 'loot', items: [{ kind: 'hide' }] })
  clearInterval(attack)
  expect(player.messages.filter(({ type }) => type === 'killed')).toHaveLength(1)
  await player.room.leave()
  await until('the seat is free', async () => (await servers.seat(forest, ada)) === undefined, 40_000)
  expect(await bag(ada.character)).toEqual(['hide'])
  expect(await owedAfterwards(ada.character)).toEqual([])
})

it('M1: loot that was booked but not saved when its server was killed is booked once', async () => {
  const [first, second] = await Promise.all([servers.server(), servers.server()])
  const [here, there] = await Promise.all([servers.open('hills', 'hills-killed', first), servers.open('hills', 'hills-next', second)])
  const bob = await servers.holder('Hunter Bob')
  await servers.place(bob, { map: 'hills', owed: lootOf(3) })
  const player = await servers.enter(bob, here)
  await player.message('gained', 30_000)
  first.process.kill('SIGKILL')
  await first.ended
  expect((await bag(bob.character)).length).toBeGreaterThan(0)
  const again = await servers.enter(bob, there)
  await until('everything is booked', async () => (await bag(bob.character)).length === 3, 30_000)
  await again.room.leave()
  await until('the seat is free', async () => (await servers.seat(there, bob)) === undefined, 40_000)
  expect(await bag(bob.character)).toEqual(['pelt', 'pelt', 'pelt'])
  expect(await owedAfterwards(bob.character)).toEqual([])
})

it('M1: loot that is being booked during a move is booked once', async () => {
  const [first, second] = await Promise.all([servers.server(), servers.server()])
  const [here, there] = await Promise.all([servers.open('marsh', 'marsh-left', first), servers.open('marsh', 'marsh-entered', second)])
  const cyd = await servers.holder('Hunter Cyd')
  const count = 40
  await servers.place(cyd, { map: 'marsh', owed: lootOf(count) })
  const player = await servers.enter(cyd, here)
  await orderMove(servers, { holders: [cyd], from: here, to: there })
  const offer = await player.message<OfferMessage>(control.offer, 20_000)
  const standby = await Player.join(offer.address, offer.copy, offer.ticket)
  player.room.send(control.arrived, { move: offer.move })
  const go = await player.message<GoMessage>(control.go, 20_000)
  standby.room.send(control.activate, { move: go.move, epoch: go.epoch })
  await standby.live()
  await until('everything is booked', async () => (await bag(cyd.character)).length >= count, 60_000)
  await Promise.all([player.room.leave(), standby.room.leave()])
  await until('the seat is free', async () => (await servers.seat(there, cyd)) === undefined, 40_000)
  expect(await bag(cyd.character)).toHaveLength(count)
  expect(await owedAfterwards(cyd.character)).toEqual([])
})
