import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { MapName } from '../../model/ids.ts'
import { Crowd } from '../cluster/world/crowd.ts'
import { until } from '../cluster/world/until.ts'
import { startTestWorld, worldFolder } from '../localWorld.ts'

const MAP = 'forest' as MapName
const PLAYERS = 8
const WITHIN_MS = 60_000

it('a map with a spot fleet of one room: the second copy opens on demand, and players of a drained spot server move there', async () => {
  await using stack = new AsyncDisposableStack()
  const { folder, policies } = await worldFolder('fleets')
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const fleet = await readFile(join(policies, 'overworld.fleet.yaml'), 'utf8')
  const spot = fleet.replace('name: overworld', 'name: spot').replace('local-max: "4"', 'local-max: "1"').replace('capacity: 6', 'capacity: 1')
  await writeFile(join(policies, 'spot.fleet.yaml'), spot)
  const forest = await readFile(join(policies, 'forest.yaml'), 'utf8')
  const several = forest.replace('fleet: overworld', 'fleet: spot\n  fallbackFleets: [{ fleet: overworld, after: 3s }]').replace('min: 1', 'min: 2')
  await writeFile(join(policies, 'forest.yaml'), several)

  const { world } = await startTestWorld({ folder, policies })
  stack.use(world)
  const fleetOf = (server: string): string => world.host.servers().find(({ id }) => id === server)?.fleet ?? 'none'
  const open = () => [...(world.replica.census().maps.get(MAP)?.copies.values() ?? [])].map(({ copy }) => copy).filter(({ state }) => state === 'open')
  const hosts = (): string[] =>
    open()
      .map(({ server }) => fleetOf(server))
      .sort()
  await until('a copy in each fleet', () => (hosts().join() === 'overworld,spot' ? true : hosts()), WITHIN_MS)

  const crowd = stack.use(await Crowd.entered(world.matchmakerUrl, 'Ranger', PLAYERS, MAP))
  const spotServer = open().find(({ server }) => fleetOf(server) === 'spot')?.server ?? ''
  const headers = { authorization: `Bearer ${world.operatorToken}`, 'content-type': 'application/json' }
  const answer = await fetch(`${world.orchestratorUrl}/v1/drain`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ server: spotServer, reason: 'taken away' }),
  })
  expect(answer.status, await answer.text()).toBeLessThan(300)
  await until('the spot server has ended', () => !world.host.servers().some(({ id }) => id === spotServer), WITHIN_MS)
  expect(crowd.online).toBe(PLAYERS)
  expect(crowd.stats.kicked).toBe(0)
  await until('two copies again', () => (open().length >= 2 ? true : hosts()), WITHIN_MS)
  expect(hosts()).toContain('overworld')
}, 240_000)
