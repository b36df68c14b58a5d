import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { PolicyFolder } from './policyFolder.ts'

const silent = pino({ level: 'silent' })
const policy = (map: string, soft: number | string): string =>
  `apiVersion: strata.dev/v1alpha1\nkind: MapPolicy\nmetadata: { name: ${map} }\nspec: { fleet: overworld, capacity: { soft: ${soft}, hard: 100 } }\n`

let folder: string
const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text)
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-policies-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

it('a changed file takes effect without a restart and gets a new version', async () => {
  await write('forest.yaml', policy('forest', 50))
  await using opened = await PolicyFolder.open(folder, silent)
  const before = opened.policies().get('forest')
  await write('forest.yaml', policy('forest', 60))
  await vi.waitFor(() => expect(opened.policies().get('forest')?.capacity.soft).toBe(60), { timeout: 20_000 })
  expect(opened.policies().get('forest')?.version).not.toBe(before?.version)
})

it('D4: an invalid policy is reported and changes nothing; the last good one stays in force, other files take effect', async () => {
  await write('forest.yaml', policy('forest', 50))
  await write('hills.yaml', policy('hills', 50))
  await using opened = await PolicyFolder.open(folder, silent)
  await write('forest.yaml', policy('forest', '"many"'))
  await write('hills.yaml', policy('hills', 70))
  await vi.waitFor(() => expect(opened.problems()).toMatchObject([{ map: 'forest', path: 'spec.capacity.soft' }]), { timeout: 20_000 })
  expect(opened.policies().get('forest')?.capacity.soft).toBe(50)
  await vi.waitFor(() => expect(opened.policies().get('hills')?.capacity.soft).toBe(70), { timeout: 20_000 })
  await write('forest.yaml', 'kind: MapPolicy\nspec: [')
  await vi.waitFor(() => expect(opened.problems()[0]?.path).toBe(''), { timeout: 20_000 })
  expect(opened.policies().get('forest')?.capacity.soft).toBe(50)
  await write('forest.yaml', policy('forest', 55))
  await vi.waitFor(() => expect(opened.policies().get('forest')?.capacity.soft).toBe(55), { timeout: 20_000 })
  expect(opened.problems()).toEqual([])
})

it('a deleted file removes its policy', async () => {
  await write('forest.yaml', policy('forest', 50))
  await write('hills.yaml', policy('hills', 50))
  await using opened = await PolicyFolder.open(folder, silent)
  await unlink(join(folder, 'hills.yaml'))
  await vi.waitFor(() => expect([...opened.policies().keys()]).toEqual(['forest']), { timeout: 20_000 })
})

it('D4: opening a folder with an invalid policy throws its position', async () => {
  await write('forest.yaml', policy('forest', 500))
  await expect(PolicyFolder.open(folder, silent)).rejects.toThrow(/forest\.yaml:4:\d+ spec\.capacity\.soft: must not be above capacity\.hard \(100\)/)
})
