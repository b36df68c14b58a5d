import { expect, it } from 'vitest'
import { resourceNodes } from '../../gameserver/demo/maps.ts'
import { control, type SavingMessage } from '../../model/wire/room.ts'
import { Servers, until } from '../gameserver/harness/servers.ts'
import { startTcpProxy } from '../tcpProxy.ts'
import { faultsOf, noFaults } from './auditFaults.ts'

it('M1: during a database outage players play on and get a notice; afterwards their actions are saved and booked once', { timeout: 90_000 }, async () => {
  await using servers = await Servers.start()
  await using proxy = await startTcpProxy(servers.databaseUrl)
  const forest = await servers.open('forest', 'forest-1', await servers.server({ DATABASE_URL: proxy.url, LOG_LEVEL: 'fatal' }))
  const [ada, bob] = [await servers.holder('Outage Ada'), await servers.holder('Outage Bob')]
  const [node] = resourceNodes('forest')
  if (node === undefined) throw new Error('The forest has no resource nodes.')
  await servers.place(ada, { map: 'forest', x: node.x, y: node.y })
  const player = await servers.enter(ada, forest)
  proxy.cut()
  player.room.send('gather', { node: node.id })
  await player.message('gathered', 20_000)
  const saving = (late: boolean) =>
    player.until(
      `saving is ${late ? '' : 'not '}late`,
      () => player.messages.some(({ type, data }) => type === control.saving && (data as SavingMessage).late === late),
      20_000,
    )
  await saving(true)
  expect(player.closed).toBeUndefined()
  // A player who enters during the outage is refused with the reason.
  await expect(servers.enter(bob, forest)).rejects.toThrow(/DEPENDENCY_DOWN/)
  expect((await servers.store.economy.holdings(ada.character)).items).toEqual([])
  proxy.restore()
  await saving(false)
  expect(await player.message('gained', 20_000)).toMatchObject({ items: [{ kind: 'wood' }] })
  await player.room.leave()
  await until('the seat is free again', async () => (await servers.seat(forest, ada)) === undefined)
  expect((await servers.store.economy.holdings(ada.character)).items).toHaveLength(1)
  expect(faultsOf(await servers.store.economy.audit())).toEqual(noFaults)
})
