import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { createLogger } from '../../service/log.ts'
import { PolicyFolder } from '../../service/policyFolder.ts'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
import { plan } from '../plan/plan.ts'
import { World } from './testing/world.ts'

const forest = (min: number | string): string => `apiVersion: strata.dev/v1alpha1
kind: MapPolicy
metadata: { name: forest }
spec: { fleet: overworld, capacity: { soft: 8, hard: 10, company: 2 }, copies: { min: ${min}, warm: 0 }, merge: { minAge: 1s } }
`

it('D4: an invalid policy changes nothing, and the next valid policy takes effect under its own version', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'strata-policies-'))
  const file = join(folder, 'forest.yaml')
  await writeFile(file, forest(1))
  const policies = await PolicyFolder.open(folder, createLogger('test', 'silent'))
  const world = await World.of(new MemoryFleets({ overworld: { replicas: 3, rooms: 2 } }), [], plan)
  world.parts.policies = () => policies.policies()
  const seconds = async (count: number): Promise<void> => {
    for (let second = 0; second < count; second++) {
      await world.serversWork()
      await world.round(1_000)
    }
  }
  await seconds(3)
  const before = await world.copies()
  expect(before).toHaveLength(1)
  world.decided()

  await writeFile(file, forest('"two"'))
  await vi.waitFor(() => expect(policies.problems()).toHaveLength(1), { timeout: 20_000 })
  await seconds(5)
  expect(await world.copies()).toEqual(before)
  expect(world.decided()).toEqual([])

  await writeFile(file, forest(2))
  await vi.waitFor(() => expect(policies.policies().get('forest')?.copies.min).toBe(2), { timeout: 20_000 })
  await seconds(3)
  expect(await world.copies()).toHaveLength(2)
  expect(world.decisions.find(({ kind }) => kind === 'open')?.policyVersion).toBe(policies.policies().get('forest')?.version)
  await policies[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})
