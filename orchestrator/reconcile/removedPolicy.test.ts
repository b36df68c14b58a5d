import { expect, it } from 'vitest'
import type { Copy } from '../../model/copy.ts'
import { HeldPolicies } from '../../model/policy/heldPolicies.ts'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
import { plan } from '../plan/plan.ts'
import { serversClose } from './testing/serversWork.ts'
import { policy, World } from './testing/world.ts'

/** One round a second. The servers work in between. */
async function seconds(world: World, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await world.serversWork()
    await world.round(1_000)
  }
}

/** A map with players in one copy; then its policy is removed. `restart`: by another process, which never knew the policy. */
async function removedWhilePlaying(restart: boolean): Promise<{ world: World; copy: Copy }> {
  const fleets = new MemoryFleets({ overworld: { replicas: 3, rooms: 4 } })
  const world = await World.of(fleets, [policy('forest', { copies: { min: 1, warm: 0 } })], plan)
  await seconds(world, 3)
  const [copy] = (await world.directory.snapshot('forest')).copies
  if (copy === undefined) throw new Error('no copy opened')
  await world.enter(copy, ['ada', 'bob'])
  await seconds(world, 1)
  const given = world.parts.policies
  const held = new HeldPolicies({ whileCopies: true })
  if (!restart) held.inForce(given(), world.parts.census(), world.clock.now())
  world.parts.policies = () => held.inForce(given(), world.parts.census(), world.clock.now())
  world.policies.delete('forest')
  return { world, copy }
}

const copiesOf = async (world: World) => (await world.directory.snapshot('forest')).copies

for (const restart of [false, true]) {
  const who = restart ? 'a process that never knew the policy' : 'the same process'
  it(`D2: the policy is removed, then the server dies: ${who} gives the copy up, and the players can enter again`, async () => {
    const { world, copy } = await removedWhilePlaying(restart)
    world.fleets.kill(copy.server)
    await seconds(world, 8)
    expect((await copiesOf(world)).map(({ id }) => id)).not.toContain(copy.id)
    expect(world.parts.policies().has('forest')).toBe(true)
    expect((await world.directory.presence(['ada'])).size).toBe(0)
  })

  it(`the policy is removed, then the server drains: ${who} moves the players to another server`, async () => {
    const { world, copy } = await removedWhilePlaying(restart)
    await world.fleets.drain(copy.server, AbortSignal.timeout(100))
    await seconds(world, 5)
    const closing = (await copiesOf(world)).find(({ id }) => id === copy.id)
    expect(closing).toMatchObject({ state: 'closing', reason: 'drain' })
    expect((await world.directory.movesFor(copy.server)).flatMap(({ members }) => members.map(({ character }) => character)).sort()).toEqual(['ada', 'bob'])
  })
}

it('C2: when the last player of a removed map has left, its copies close, and the map is unknown again', async () => {
  const { world, copy } = await removedWhilePlaying(false)
  await seconds(world, 5)
  expect((await copiesOf(world)).map(({ id, state }) => [id, state])).toEqual([[copy.id, 'open']])
  for (const character of ['ada', 'bob']) await world.directory.freeSeat('forest', copy.id, character)
  for (let n = 0; n < 330; n++) {
    await seconds(world, 1)
    await serversClose(world.directory)
  }
  expect(await copiesOf(world)).toEqual([])
  expect(world.parts.policies().has('forest')).toBe(false)
})
