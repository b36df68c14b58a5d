import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { statusResponse } from '../../model/wire/admin.ts'
import { ServedWorld } from '../../orchestrator/testing/servedWorld.ts'
import { until } from '../../orchestrator/testing/until.ts'
import { freshStore } from '../freshStore.ts'
import { scratchFolder, strata } from './terminal.ts'

const TOKEN = 's3cret'
let database: Awaited<ReturnType<typeof freshStore>>
let world: ServedWorld
let environment: { STRATA_ORCHESTRATOR: string }

beforeAll(async () => {
  database = await freshStore()
})
afterAll(() => database[Symbol.asyncDispose]())

beforeEach(async () => {
  world = new ServedWorld(database.store)
  const { url } = await world.orchestrator({ adminToken: TOKEN })
  environment = { STRATA_ORCHESTRATOR: url }
  await until(async () => (await world.open()) === 2)
})
afterEach(() => world[Symbol.asyncDispose]())

async function firstCopy() {
  const [copy] = await world.copies()
  if (copy === undefined) throw new Error('no copy')
  return copy
}

describe('strata status', () => {
  it('D4: prints the world and a refused policy', async () => {
    const { code, out } = await strata(['status'], { environment })
    expect(code).toBe(0)
    expect(out).toContain(`Strata at ${environment.STRATA_ORCHESTRATOR} · this orchestrator leads`)
    expect(out).toMatch(/forest {2}0 players in 2 copies · policy forest-v1\n {2}forest-\S+ +open +·+\|·+ +0\/10 +overworld-s\d/)
    expect(out).toContain('refused: fleets/hills.yaml:3:7 spec.capacity.soft: too small')
    expect(out).toMatch(/overworld-s1 +overworld +Allocated +\d\/4/)
  })

  it('--json prints the answer of the API', async () => {
    const { out } = await strata(['status', '--json'], { environment })
    expect(statusResponse.parse(JSON.parse(out)).copies).toHaveLength(2)
  })

  it('--watch repeats until Ctrl-C, with one line per answer for --json', async () => {
    const stopping = new AbortController()
    const seen = (out: string): void => {
      if (out.split('\n').length > 3) stopping.abort()
    }
    const { code, out } = await strata(['status', '--watch', '0.05', '--json'], { environment, signal: stopping.signal, seen })
    expect(code).toBe(0)
    for (const line of out.trim().split('\n')) expect(statusResponse.parse(JSON.parse(line)).leader).toBe(true)
  })

  it('--watch continues when the orchestrator stops', async () => {
    const stopping = new AbortController()
    const seen = (out: string): void => {
      if (out.includes('forest') && !out.includes('Cannot')) void world[Symbol.asyncDispose]()
      if (out.includes('nothing listens there')) stopping.abort()
    }
    expect(await strata(['status', '--watch', '0.05'], { environment, signal: stopping.signal, seen })).toMatchObject({
      code: 0,
      out: expect.stringContaining(`Cannot reach the orchestrator at ${environment.STRATA_ORCHESTRATOR}`),
    })
  })

  it('finds the orchestrator by flag, then environment, then the last npm start, then the default port', async () => {
    const state = await scratchFolder()
    onTestFinished(() => rm(state, { recursive: true }))
    const url = environment.STRATA_ORCHESTRATOR
    await writeFile(join(state, 'endpoints.json'), JSON.stringify({ matchmaker: 'http://127.0.0.1:9', orchestrator: url }))
    expect(await strata(['status'], { environment: { STRATA_STATE: state } })).toMatchObject({ code: 0 })
    const wrong = { STRATA_ORCHESTRATOR: 'http://127.0.0.1:7', STRATA_STATE: state }
    expect(await strata(['status'], { environment: wrong })).toMatchObject({ code: 3, problems: expect.stringContaining('STRATA_ORCHESTRATOR') })
    expect(await strata(['status', '--orchestrator', `${url}/`], { environment: wrong })).toMatchObject({ code: 0 })
  })
})

describe('strata drain', () => {
  it('drains a server, and with --wait returns when it is empty', async () => {
    const { server } = await firstCopy()
    const { code, out } = await strata(['drain', server, '--wait', '--reason', 'a kernel update'], { environment: { ...environment, OPERATOR_TOKEN: TOKEN } })
    expect(code).toBe(0)
    const audited = await database.store.accounts.auditLog(5)
    expect(audited).toContainEqual(expect.objectContaining({ action: 'drain', subject: server, reason: 'a kernel update' }))
    expect(out).toMatch(new RegExp(`^${server}: draining; 0 players in \\d cop(y|ies) to move elsewhere\n(.*left\n)*${server}: empty after \\d+ s\n$`))
    expect((await world.copies()).some((copy) => copy.server === server)).toBe(false)
    expect(world.fleets.servers.get(server)?.overflow).toBe(true)
  })

  it('closes a copy with a token from a file; --timeout ends the wait', async () => {
    world.busy = true
    const { id } = await firstCopy()
    const folder = await scratchFolder()
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'token'), `${TOKEN}\n`)
    const { code, out, problems } = await strata(['drain', id, '--token-file', 'token', '--wait', '--timeout', '10ms'], { environment, folder })
    expect({ code, out, problems }).toEqual({
      code: 1,
      out: expect.stringMatching(`^${id}: draining; 0 players in 1 copy to move elsewhere\n(${id}: 0 players in 1 copy left\n)?$`),
      problems: expect.stringMatching(/is not empty after \d s: 0 players left; the drain continues/),
    })
    expect((await world.copies()).find((copy) => copy.id === id)?.state).toBe('closing')
  })

  it('--dry-run changes nothing', async () => {
    const { id } = await firstCopy()
    expect(await strata(['drain', id, '--dry-run'], { environment })).toMatchObject({ code: 0, out: `${id}: 0 players in 1 copy would be moved elsewhere\n` })
    expect((await firstCopy()).state).toBe('open')
  })

  it('X1: a wrong name, token or duration changes nothing and is reported with what to do', async () => {
    const { id } = await firstCopy()
    expect(await strata(['drain', `${id}x`], { environment })).toMatchObject({ code: 1, problems: expect.stringContaining(`did you mean "${id}"?`) })
    expect(await strata(['drain', 'everything'], { environment })).toMatchObject({ code: 1, problems: expect.stringContaining('"strata status" lists them') })
    for (const OPERATOR_TOKEN of ['', 'guessed']) {
      const refused = { code: 1, problems: expect.stringMatching(/Only operators.*\nThe token is read from STRATA_TOKEN or OPERATOR_TOKEN/) }
      expect(await strata(['drain', id], { environment: { ...environment, OPERATOR_TOKEN } })).toMatchObject(refused)
    }
    expect(await strata(['drain', id, '--token-file', '/nowhere'], { environment })).toMatchObject({ code: 2, problems: expect.stringContaining('/nowhere') })
    expect(await strata(['drain', id, '--timeout', 'long'], { environment })).toMatchObject({ code: 2, problems: expect.stringContaining('"30s"') })
    expect((await firstCopy()).state).toBe('open')
  })
})
