import { expect, it } from 'vitest'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
import { plan } from '../plan/plan.ts'
import { policy, World } from './testing/world.ts'

const AFTER_S = 20
/** The reconciler with the real planner, in virtual time, and a map whose copies open on spot servers, then on on-demand ones, then in another region. */
async function world(spot: number, spec: Record<string, unknown> = {}): Promise<World> {
  const fleets = new MemoryFleets({ spot: { replicas: spot, rooms: 1 }, demand: { replicas: 0, rooms: 1 }, far: { replicas: 0, rooms: 1 } })
  const fallbackFleets = [
    { fleet: 'demand', after: `${AFTER_S}s` },
    { fleet: 'far', after: `${AFTER_S}s` },
  ]
  return World.of(fleets, [policy('forest', { fleet: 'spot', fallbackFleets, open: { leadTime: '1s' }, copies: { min: 2, warm: 0 }, ...spec })], plan)
}

async function seconds(of: World, count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    await of.serversWork((server) => of.fleets.servers.get(server)?.state === 'Creating')
    await of.round(1_000)
  }
}

/** The fleet of each open copy. */
async function hosts(of: World): Promise<string[]> {
  const open = (await of.copies()).filter(({ state }) => state === 'open')
  return open.map(({ server }) => of.fleets.servers.get(server)?.fleet ?? 'none').sort()
}

it('copies open in the first fleet while it gets servers', async () => {
  const w = await world(1)
  await seconds(w, 60)
  expect(await hosts(w)).toEqual(['spot', 'spot'])
})

it('when a fleet was asked for servers and got none for `after`, copies open in the next one, and the decision says so', async () => {
  const w = await world(1)
  w.fleets.starved.add('spot')
  await seconds(w, AFTER_S - 5)
  expect(await hosts(w)).toEqual(['spot'])
  await seconds(w, 10)
  expect(await hosts(w)).toEqual(['demand', 'spot'])
  const opened = w.decisions.filter(({ kind }) => kind === 'open').at(-1)
  expect(opened).toMatchObject({ inputs: { fleet: 'demand' }, reason: expect.stringMatching(/; spot has had no free server for 2\d s$/) })
})

it('the third fleet follows at once when the second has had no server as long: every fleet keeps a Ready one', async () => {
  const w = await world(0, { copies: { min: 1, warm: 0 } })
  w.fleets.starved.add('spot').add('demand')
  await seconds(w, AFTER_S - 5)
  expect(await hosts(w)).toEqual([])
  await seconds(w, 10)
  expect(await hosts(w)).toEqual(['far'])
})

it('a first fleet that gets servers again hosts the next copies', async () => {
  const w = await world(0, { copies: { min: 1, warm: 0 } })
  w.fleets.starved.add('spot')
  await seconds(w, AFTER_S + 5)
  expect(await hosts(w)).toEqual(['demand'])
  w.fleets.starved.clear()
  w.fleets.becomeReady()
  w.policies.set('forest', { ...policy('forest', { fleet: 'spot', fallbackFleets: [{ fleet: 'demand' }], copies: { min: 2, warm: 0 } }), version: 'v2' })
  await seconds(w, 5)
  expect(await hosts(w)).toEqual(['demand', 'spot'])
})

it('spot servers that are taken away: their players move to on-demand servers', async () => {
  const w = await world(2, { copies: { min: 1, warm: 0 } })
  await seconds(w, 5)
  const [copy] = await w.copies()
  if (copy === undefined) throw new Error('no copy')
  await w.enter(copy, ['ada', 'bob'])
  w.fleets.starved.add('spot')
  for (const { id, fleet, state } of [...w.fleets.servers.values()]) {
    if (fleet !== 'spot') continue
    if (state === 'Allocated') await w.fleets.drain(id, AbortSignal.timeout(100))
    else w.fleets.kill(id)
  }
  await seconds(w, AFTER_S + 10)
  expect(await hosts(w)).toContain('demand')
  const successor = (await w.copies()).find(({ server }) => w.fleets.servers.get(server)?.fleet === 'demand')
  expect(w.decisions.filter(({ kind }) => kind === 'move').map(({ inputs }) => inputs)).toContainEqual(expect.objectContaining({ to: successor?.id }))
})

it('an operator opens a copy where a server is free, without waiting', async () => {
  const w = await world(0, { copies: { min: 0, warm: 0 } })
  await w.fleets.scale('far', 1, AbortSignal.timeout(100))
  await w.apply({ type: 'open', map: 'forest', why: 'an operator opened it' })
  await seconds(w, 2)
  expect(await hosts(w)).toEqual(['far'])
})
