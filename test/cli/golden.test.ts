import { afterAll, beforeAll, expect, it } from 'vitest'
import { fixedOrchestrator, NOW } from './fixedWorld.ts'
import { strata } from './terminal.ts'

let orchestrator: Awaited<ReturnType<typeof fixedOrchestrator>>
beforeAll(async () => {
  orchestrator = await fixedOrchestrator()
})
afterAll(() => orchestrator[Symbol.asyncDispose]())

const commands = [
  ['get', 'copies'],
  ['get', 'copies', '-o', 'wide'],
  ['get', 'copies', '-o', 'name'],
  ['get', 'copy', 'forest-2', '-o', 'yaml'],
  ['get', 'copies', '--map', 'hills', '-o', 'json'],
  ['get', 'servers', '-o', 'wide'],
  ['get', 'maps', '-o', 'wide'],
  ['get', 'players'],
  ['get', 'players', '-o', 'wide'],
  ['get', 'line', '-o', 'wide'],
  ['get', 'decisions'],
  ['describe', 'copy', 'forest-1'],
  ['describe', 'server', 'overworld-b'],
  ['describe', 'map', 'hills'],
  ['top'],
  ['top', 'servers'],
  ['drain', 'overworld-b', '--dry-run'],
] as const

for (const args of commands) {
  it(`strata ${args.join(' ')}`, async () => {
    const { code, out, problems } = await strata(args, { environment: { STRATA_ORCHESTRATOR: orchestrator.url }, now: () => NOW })
    expect({ code, problems }).toEqual({ code: 0, problems: '' })
    await expect(out).toMatchFileSnapshot(`golden/${args.join('_').replaceAll('--', '')}.txt`)
  })
}

it('X1: a name that does not exist is refused with what to do', async () => {
  const environment = { STRATA_ORCHESTRATOR: orchestrator.url }
  expect(await strata(['get', 'copies', 'forest-9'], { environment })).toMatchObject({
    code: 1,
    problems: expect.stringContaining('"strata get copies" lists them'),
  })
  expect(await strata(['describe', 'copy', 'forest-11'], { environment })).toMatchObject({
    code: 1,
    problems: expect.stringContaining('did you mean "forest-1"?'),
  })
  expect(await strata(['get', 'copys'], { environment })).toMatchObject({ code: 2, problems: expect.stringContaining('copies, copy, servers') })
})
