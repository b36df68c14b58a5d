import { Client, type Room } from '@colyseus/sdk'
import { expect, it } from 'vitest'
import type { Copy } from '../../model/copy.ts'
import { defined } from '../../model/defined.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { PROTOCOL_VERSION } from '../../model/server.ts'
import type { RoomState } from '../../model/wire/roomState.ts'
import { makeCharacter, type TestPerson } from '../people.ts'
import { until } from './harness/servers.ts'
import { oneServerOfFile } from './harness/serversOfFile.ts'

const { servers, copy: town } = await oneServerOfFile('town')

type StockRoom = Room<unknown, RoomState>

/** Enters with the client of Colyseus alone. */
async function enter(holder: SeatHolder, copy: Copy & { state: 'open' } = town): Promise<StockRoom> {
  const room: StockRoom = await new Client(copy.address).joinById(copy.id, { ticket: await servers.ticket(holder, copy) })
  // The stock client warns of each message that nothing handles.
  room.onMessage('*', () => undefined)
  return room
}

async function holderOf(name: string, { presence = 'everyone', ...person }: Omit<TestPerson, 'name'> & { presence?: 'everyone' | 'friends' | 'nobody' } = {}) {
  const { character, entity, language, guild } = await makeCharacter(servers.store, { name, ...person })
  await servers.store.accounts.describeCharacter(character, { settings: { presence } })
  return defined({ character, entity, name, language, guild }) satisfies SeatHolder
}

const names = ({ state }: StockRoom): string[] => [...(state.roster?.values() ?? [])].map(({ name }) => name).sort()
const rosterIs = (room: StockRoom, ...wanted: string[]) => until(`the roster is ${wanted.join(', ')}`, async () => names(room).join() === wanted.join(), 20_000)

it('V1, V2: a stock client reads the room, its own character, and the roster as others enter and leave', async () => {
  const ann = await holderOf('Ann', { guild: 'Oaks' })
  const first = await enter(ann)
  await rosterIs(first, 'Ann')
  await until('Ann has her own character', async () => first.state.own?.get(String(ann.entity)) !== undefined)
  expect(first.state.info).toMatchObject({ map: 'town', copy: town.id, label: town.id, population: 1, tickRate: 20, protocol: PROTOCOL_VERSION })
  expect(first.state.roster.get(String(ann.entity))).toMatchObject({ name: 'Ann', guild: ann.guild })

  const bob = await holderOf('Bob')
  const second = await enter(bob)
  await rosterIs(first, 'Ann', 'Bob')
  await rosterIs(second, 'Ann', 'Bob')
  await until('Bob has his own character', async () => second.state.own !== undefined)
  expect([...(second.state.own ?? [])].map(([id, { character, name }]) => ({ id, character, name }))).toEqual([
    { id: String(bob.entity), character: bob.character, name: 'Bob' },
  ])
  expect([...(first.state.own?.keys() ?? [])]).toEqual([String(ann.entity)])
  expect(first.state.info.population).toBe(2)
  await second.leave()
  await rosterIs(first, 'Ann')
  await until('one character is left', async () => first.state.info.population === 1)
  await first.leave()
})

it('V1: who shows its presence to nobody, or has a block with a player in the copy, is not in the roster', async () => {
  const [ada, cal, dan] = [await holderOf('Ada'), await holderOf('Cal'), await holderOf('Dan')]
  const bea = await holderOf('Bea', { presence: 'nobody' })
  await servers.store.social.block(cal.character, dan.character)
  const rooms = [await enter(ada), await enter(bea), await enter(cal)]
  const [first] = rooms as [StockRoom]
  await rosterIs(first, 'Ada', 'Cal')
  const blocked = await enter(dan)
  await until('the room has sent its state', async () => blocked.state.info?.map === 'town')
  expect(names(blocked)).toEqual(['Ada'])
  await rosterIs(first, 'Ada')
  await blocked.leave()
  await rosterIs(first, 'Ada', 'Cal')
  for (const room of rooms) await room.leave()
})

it('V1, V2: a friend who shows its presence to friends is in the own roster of its friend only', async () => {
  const ira = await holderOf('Ira', { presence: 'friends' })
  const [jo, kim] = [await holderOf('Jo', { friends: ['Ira'] }), await holderOf('Kim')]
  const rooms = [await enter(ira), await enter(jo), await enter(kim)]
  const [, friend, stranger] = rooms as [StockRoom, StockRoom, StockRoom]
  const own = ({ state }: StockRoom, { entity }: SeatHolder): string[] => [...(state.own?.get(String(entity))?.roster.values() ?? [])].map(({ name }) => name)
  await until('Jo sees Ira', async () => own(friend, jo).join() === 'Ira', 20_000)
  await rosterIs(stranger, 'Jo', 'Kim')
  expect(own(stranger, kim)).toEqual([])
  for (const room of rooms) await room.leave()
})
