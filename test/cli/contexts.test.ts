import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { fixedOrchestrator } from './fixedWorld.ts'
import { scratchFolder, strata } from './terminal.ts'

let orchestrator: Awaited<ReturnType<typeof fixedOrchestrator>>
let folder: string
let environment: NodeJS.ProcessEnv
beforeAll(async () => {
  orchestrator = await fixedOrchestrator()
})
afterAll(() => orchestrator[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = await scratchFolder()
  environment = { HOME: folder, XDG_CONFIG_HOME: join(folder, 'config'), PATH: process.env['PATH'] }
  return () => rm(folder, { recursive: true })
})

it('commands go to the context that was chosen; --context and STRATA_CONTEXT choose another one for once', async () => {
  expect((await strata(['config', 'get-contexts'], { environment })).out).toBe('CURRENT  NAME   WHERE\n*        local  the last npm start\n')
  expect(await strata(['config', 'set-context', 'far', '--orchestrator', orchestrator.url], { environment })).toMatchObject({ code: 0 })
  expect(await strata(['get', 'copies'], { environment })).toMatchObject({ code: 3 })
  expect(await strata(['--context', 'far', 'get', 'copies'], { environment })).toMatchObject({ code: 0, out: expect.stringContaining('forest-1') })
  expect(await strata(['get', 'copies'], { environment: { ...environment, STRATA_CONTEXT: 'far' } })).toMatchObject({ code: 0 })
  expect(await strata(['config', 'use-context', 'far'], { environment })).toMatchObject({ code: 0, out: 'far is the context now\n' })
  expect(await strata(['get', 'copies'], { environment })).toMatchObject({ code: 0 })
  expect(await strata(['explain', 'Ada'], { environment })).toMatchObject({
    code: 2,
    problems: expect.stringContaining('the context far has no address of the matchmaker'),
  })
  expect((await strata(['config', 'get-contexts'], { environment })).out).toContain(`*        far    ${orchestrator.url}\n`)
  await strata(['config', 'delete-context', 'far'], { environment })
  expect((await strata(['config', 'current-context'], { environment })).out).toBe('local\n')
})

it('X1: a wrong context, a wrong file, or a cluster that does not answer is reported with what to do', async () => {
  expect(await strata(['config', 'use-context', 'lokal'], { environment })).toMatchObject({
    code: 2,
    problems: expect.stringContaining('did you mean "local"?'),
  })
  expect(await strata(['config', 'set-context', 'x'], { environment })).toMatchObject({
    code: 2,
    problems: expect.stringContaining('name a cluster with --kubernetes'),
  })
  const cluster = { ...environment, KUBECONFIG: join(folder, 'kubeconfig'), STRATA_CONTEXT: 'staging' }
  await writeFile(cluster.KUBECONFIG, 'apiVersion: v1\nkind: Config\n')
  await strata(['config', 'set-context', 'staging', '--kubernetes', 'kind-strata'], { environment })
  const refused = await strata(['get', 'copies'], { environment: cluster })
  expect(refused).toMatchObject({
    code: 3,
    problems: expect.stringMatching(/Service strata-orchestrator.*kubectl --context kind-strata --namespace strata get service/),
  })
  await writeFile(join(folder, 'broken.yaml'), 'contexts: { x: { orchestrator: nowhere } }\n')
  const broken = { ...environment, STRATA_CONFIG: join(folder, 'broken.yaml') }
  expect(await strata(['config', 'get-contexts'], { environment: broken })).toMatchObject({ code: 2, problems: expect.stringContaining('broken.yaml') })
})

it('logs prints the end of a log of the last npm start, and follows it', async () => {
  expect(await strata(['logs', 'orchestrator'], { environment })).toMatchObject({ code: 2, problems: expect.stringContaining('Cannot read') })
  const state = { ...environment, STRATA_STATE: folder }
  const { mkdir, appendFile } = await import('node:fs/promises')
  await mkdir(join(folder, 'log'))
  await writeFile(join(folder, 'log', 'orchestrator.log'), 'one\ntwo\nthree\n')
  expect(await strata(['logs'], { environment: state })).toMatchObject({ code: 0, out: 'orchestrator\n' })
  expect(await strata(['logs', 'orchestrator', '--tail', '2'], { environment: state })).toMatchObject({ code: 0, out: 'two\nthree\n' })
  expect(await strata(['logs', 'orchestratr'], { environment: state })).toMatchObject({
    code: 1,
    problems: expect.stringContaining('did you mean "orchestrator"?'),
  })
  const stopping = new AbortController()
  const seen = (out: string): void => {
    if (out === 'three\n') void appendFile(join(folder, 'log', 'orchestrator.log'), 'four\n')
    if (out.includes('four\n')) stopping.abort()
  }
  expect(await strata(['logs', 'orchestrator', '-f', '--tail', '1'], { environment: state, signal: stopping.signal, seen })).toMatchObject({
    code: 0,
    out: 'three\nfour\n',
  })
})
