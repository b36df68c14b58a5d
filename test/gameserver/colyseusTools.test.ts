import { expect, it } from 'vitest'
import { freePort } from '../../local/agones/freePorts.ts'
import { until } from './harness/servers.ts'
import { serversOfFile } from './harness/serversOfFile.ts'

const servers = await serversOfFile()
const port = await freePort('127.0.0.1')
const server = await servers.server({ TOOLS_PORT: String(port) }, { main: 'test/gameserver/fixtures/monitored.ts' })
const town = await servers.open('town', 'town-1', server)
const read = async (path: string): Promise<unknown> => await (await fetch(`http://127.0.0.1:${port}${path}`)).json()

it('the monitor of Colyseus lists the room, its clients and its state', async () => {
  const mia = await servers.holder('Mia')
  const player = await servers.enter(mia, town)
  expect(await read('/monitor/api')).toMatchObject({ rooms: [{ roomId: town.id, name: 'default', clients: 1 }], connections: 1 })
  const room = await until('the monitor shows the own state of the character', async () => {
    const inspected = (await read(`/monitor/api/room?roomId=${town.id}`)) as { state: { own: object } } // getInspectData of the monitor
    return String(mia.entity) in inspected.state.own && inspected
  })
  expect(room).toMatchObject({ clients: [{}], state: { info: { map: 'town', population: 1 }, own: { [String(mia.entity)]: { name: 'Mia' } } } })
  await player.room.leave()
})

it('the playground of Colyseus finds the room, and shows its page', async () => {
  expect(await read('/playground/rooms')).toMatchObject({ rooms: ['default'], roomsByType: { default: 1 }, roomsById: { [town.id]: { roomId: town.id } } })
  expect(await (await fetch(`http://127.0.0.1:${port}/playground/`)).text()).toContain('<html')
})

it('the players’ listener serves neither of them', async () => {
  for (const path of ['monitor/api', 'playground/rooms']) expect((await fetch(`${server.address.replace('ws', 'http')}/${path}`)).status).toBe(404)
})
