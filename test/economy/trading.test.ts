import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { resourceNodes } from '../../gameserver/demo/maps.ts'
import { DEMO_STATE_VERSION } from '../../gameserver/demo/state.ts'
import type { Copy } from '../../model/copy.ts'
import type { Trade } from '../../model/economy.ts'
import type { PostgresStore } from '../../store/postgresStore.ts'
import type { Player } from '../gameserver/harness/player.ts'
import { Servers, until } from '../gameserver/harness/servers.ts'
import { faultsOf, noFaults } from './auditFaults.ts'

vi.setConfig({ testTimeout: 60_000 })

let servers: Servers
let forest: Copy & { state: 'open' }
let economy: PostgresStore['economy']
beforeAll(async () => {
  servers = await Servers.start()
  economy = servers.store.economy
  forest = await servers.open('forest', 'forest-1', await servers.server())
}, 60_000)
afterAll(async () => {
  expect(faultsOf(await economy.audit())).toEqual(noFaults)
  await servers[Symbol.asyncDispose]()
})

/** Two players who stand beside each other with an open trade. */
async function traders(one: string, other: string) {
  const [ada, bob] = [await servers.holder(one), await servers.holder(other)]
  await Promise.all([ada, bob].map((holder, index) => servers.place(holder, { map: 'forest', x: 100 + index, y: 100 })))
  const [{ items }] = await Promise.all([
    economy.grant({ actor: 'test', key: one }, { character: ada.character, money: 50, items: ['sword'], reason: 'test' }),
    economy.grant({ actor: 'test', key: other }, { character: bob.character, money: 50, reason: 'test' }),
  ])
  const [first, second] = [await servers.enter(ada, forest), await servers.enter(bob, forest)]
  first.room.send('trade.ask', { with: bob.entity })
  await second.message('trade.asked', 20_000)
  second.room.send('trade.accept', { from: ada.entity })
  await state(first, ({ version }) => version === 0)
  return { ada, bob, first, second, sword: items[0]?.id ?? '' }
}

const state = (player: Player, wanted: (trade: Trade) => boolean) =>
  player.until(
    'the trade',
    () => player.messages.map(({ type, data }) => (type === 'trade' ? (data as Trade) : undefined)).find((trade) => trade && wanted(trade)),
    20_000,
  )

it('M1: two players in one copy trade when both confirm the same offer', async () => {
  const { ada, bob, first, second, sword } = await traders('Trade Ada', 'Trade Bob')
  first.room.send('trade.offer', { request: '1', items: [sword] })
  const { version: early } = await state(second, ({ sides }) => sides[0].items.length === 1)
  second.room.send('trade.offer', { request: '1', money: 30 })
  const { version } = await state(first, ({ sides }) => sides[1].money === 30)
  first.room.send('trade.confirm', { request: '2', version: early })
  await first.message('refused', 20_000)
  first.room.send('trade.confirm', { request: '3', version })
  second.room.send('trade.confirm', { request: '2', version })
  await Promise.all([first, second].map((player) => state(player, (trade) => trade.state === 'done')))
  expect(await economy.holdings(ada.character)).toEqual({ money: 80, items: [] })
  expect(await economy.holdings(bob.character)).toMatchObject({ money: 20, items: [{ id: sword, kind: 'sword' }] })
  await Promise.all([first.room.leave(), second.room.leave()])
})

it('blocks win over trades: nobody asks, accepts or confirms, and the offers of an open trade go back', async () => {
  const { ada, bob, first, second, sword } = await traders('Blocked Ada', 'Blocked Bob')
  first.room.send('trade.offer', { request: '1', items: [sword] })
  const { version } = await state(second, ({ sides }) => sides[0].items.length === 1)
  await servers.store.social.block(bob.character, ada.character)
  first.room.send('trade.confirm', { request: '2', version })
  second.room.send('trade.confirm', { request: '2', version })
  await Promise.all([first, second].map((player) => player.message('refused', 20_000)))
  await economy.sweep()
  expect(await economy.holdings(ada.character)).toMatchObject({ items: [{ id: sword }] })
  first.messages.length = 0
  second.messages.length = 0
  // Both stand beside each other and would notice a refusal: the question stays without an answer, as if the other player ignored it.
  first.room.send('trade.ask', { with: bob.entity })
  second.room.send('trade.ask', { with: ada.entity })
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect([...first.messages, ...second.messages].filter(({ type }) => type.startsWith('trade.') || type === 'refused')).toEqual([])
  second.room.send('trade.accept', { from: ada.entity })
  expect(await second.message('refused', 20_000)).toMatchObject({ type: 'trade.accept' })
  await Promise.all([first.room.leave(), second.room.leave()])
})

it('M1: a drop of one player cancels the trade at once and returns the offers', async () => {
  const { ada, first, second, sword } = await traders('Drop Ada', 'Drop Bob')
  first.room.send('trade.offer', { request: '1', items: [sword], money: 50 })
  await state(second, ({ sides }) => sides[0].items.length === 1)
  expect(await economy.holdings(ada.character)).toEqual({ money: 0, items: [] })
  first.room.connection.close(3_000)
  await state(second, (trade) => trade.state === 'cancelled')
  expect(await economy.holdings(ada.character)).toMatchObject({ money: 50, items: [{ id: sword }] })
  await second.room.leave()
})

it('M1: a gathered item is in the bag once', async () => {
  const holder = await servers.holder('Trade Gatherer')
  const [node] = resourceNodes('forest')
  await servers.place(holder, { map: 'forest', x: node?.x ?? 0, y: node?.y ?? 0 })
  const player = await servers.enter(holder, forest)
  player.room.send('gather', { node: node?.id })
  expect(await player.message('gained', 20_000)).toMatchObject({ items: [{ kind: 'wood' }] })
  await player.room.leave()
  await until(
    'the character is saved',
    async () => (await servers.store.claim(holder.character, { copy: 'next', server: 's' })).stateVersion === DEMO_STATE_VERSION,
  )
  expect((await economy.holdings(holder.character)).items).toMatchObject([{ kind: 'wood' }])
})
