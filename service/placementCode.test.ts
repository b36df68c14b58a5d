import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { PlacementQuestion } from '../model/policy/gameSignal.ts'
import { createLogger } from './log.ts'
import { loadPlacementCode, watchedPlacementCode } from './placementCode.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-code-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function moduleOf(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}
const question: PlacementQuestion = {
  map: 'forest',
  members: [],
  copy: { id: 'forest-1', players: new Map(), guilds: new Map(), languages: new Map(), attributes: new Map() },
  capacity: { soft: 1, hard: 1 },
}

it('the first failure of each signal is logged, and all are counted', async () => {
  const path = await moduleOf(
    'failing.ts',
    `export const signals = { broken: (): number => { throw new Error('no such level') }, nan: () => Number.NaN, good: () => 0.5 }\n`,
  )
  const lines: string[] = []
  const write = (chunk: unknown, _: string, done: () => void): void => {
    lines.push(String(chunk))
    done()
  }
  const log = createLogger('matchmaker', 'warn', new Writable({ write }))
  const registry = new Registry()
  const { signals } = await watchedPlacementCode(path, { registry, log })
  for (let n = 0; n < 3; n++) expect([signals['broken']?.(question), signals['nan']?.(question), signals['good']?.(question)]).toEqual([0, 0, 0.5])
  expect(lines.map((line) => JSON.parse(line).function)).toEqual(['broken', 'nan'])
  expect(lines[0]).toContain('no such level')
  const counts = (await registry.getSingleMetric('strata_placement_code_failures_total')?.get())?.values
  expect(Object.fromEntries(counts?.map(({ labels, value }) => [labels['function'], value]) ?? [])).toEqual({ broken: 3, nan: 3, good: 0 })
})

it('a key function that fails is logged once and counted, as is one that a policy needs and the code lacks', async () => {
  const path = await moduleOf('keys.ts', `export const instanceKeys = { raid: (): string => { throw new Error('no such raid') }, own: () => 'all' }\n`)
  const lines: string[] = []
  const write = (chunk: unknown, _: string, done: () => void): void => {
    lines.push(String(chunk))
    done()
  }
  const registry = new Registry()
  const code = await watchedPlacementCode(path, { registry, log: createLogger('matchmaker', 'warn', new Writable({ write })) })
  const asker = { character: 'c-1', name: 'Ada', language: 'en' }
  const asked = { map: 'cave', character: asker, leader: asker, members: ['c-1'] }
  for (let n = 0; n < 3; n++) expect([code.instanceKeys['raid']?.(asked), code.instanceKeys['own']?.(asked)]).toEqual([undefined, 'all'])
  code.failed?.('instanceKeys.absent', new Error('the placement code exports no function of this name'))
  expect(lines.map((line) => JSON.parse(line).function)).toEqual(['instanceKeys.raid', 'instanceKeys.absent'])
  expect(lines[0]).toContain('no such raid')
  const counts = (await registry.getSingleMetric('strata_placement_code_failures_total')?.get())?.values
  expect(Object.fromEntries(counts?.map(({ labels, value }) => [labels['function'], value]) ?? [])).toEqual({
    'instanceKeys.raid': 3,
    'instanceKeys.own': 0,
    'instanceKeys.absent': 1,
  })
})

it('X1: code that cannot be loaded, or exports something else, ends the start with what is wrong', async () => {
  const refused = async (name: string, text: string) => loadPlacementCode(await moduleOf(name, text), () => {}).catch((error: Error) => error.message)
  expect(await refused('torn.ts', 'export const signals = {')).toMatch(/PLACEMENT_CODE is not valid: .*torn\.ts/)
  expect(await refused('list.ts', 'export const signals = 5')).toContain('"signals" must be an object of functions')
  expect(await refused('value.ts', 'export const signals = { near: 5 }')).toContain('signals.near must be a function')
  expect(await refused('key.ts', 'export const instanceKeys = { raid: true }')).toContain('instanceKeys.raid must be a function')
  expect(await refused('name.ts', "export const signals = { 'a b': () => 0 }")).toContain('signals.a b: a name is')
  await expect(loadPlacementCode(join(folder, 'absent.ts'), () => {})).rejects.toThrow('absent.ts')
  expect(await loadPlacementCode(undefined, () => {})).toMatchObject({ signals: {}, instanceKeys: {} })
})
