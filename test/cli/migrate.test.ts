import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { startPostgres } from '../../local/services/postgres.ts'
import { roleUrl } from '../../local/services/roleUrl.ts'
import { createStore } from '../../store/postgresStore.ts'
import { execute } from '../roleLogin.ts'
import { strata } from './terminal.ts'

// Roles belong to a whole server, so these tests start one of their own.
const stack = new AsyncDisposableStack()
afterAll(() => stack.disposeAsync())
const server = (async () => {
  const folder = await mkdtemp(join(tmpdir(), 'strata-migrate-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  return stack.use(await startPostgres({ folder: join(folder, 'postgres'), volatile: true })).url
})()
const migrate = async (url: string, environment: Record<string, string> = {}) => strata(['migrate'], { environment: { DATABASE_URL: url, ...environment } })

it('strata migrate as an owner that may not create roles says what to run, and works when it has been run', async () => {
  const url = await server
  await execute(url, `CREATE ROLE owner LOGIN PASSWORD 'of-a-test'`)
  await execute(url, 'CREATE DATABASE owned OWNER owner')
  const owned = roleUrl(url, 'owner', 'of-a-test').replace(/\/strata$/, '/owned')
  const refused = await migrate(owned)
  expect(refused).toMatchObject({ code: 2, problems: expect.stringContaining('CREATE ROLE strata_gameserver NOLOGIN') })
  for (const statement of /(CREATE ROLE .* NOLOGIN)/.exec(refused.problems)?.[1]?.split('; ') ?? []) await execute(url, statement)
  expect(await migrate(owned)).toMatchObject({ code: 0, problems: '' })
})

it('strata migrate opens the roles whose passwords are set, may run again, and leaves the others closed', async () => {
  const url = await server
  const environment = { GAMESERVER_PASSWORD: `it's a "password"`, ORCHESTRATOR_PASSWORD: 'first' }
  expect(await migrate(url, environment)).toMatchObject({ code: 0, out: expect.stringContaining('has its rights'), problems: '' })
  await using store = await createStore({ url: roleUrl(url, 'strata_gameserver', environment.GAMESERVER_PASSWORD) })
  await store.ping(AbortSignal.timeout(5_000))
  await expect(createStore({ url: roleUrl(url, 'strata_matchmaker', '') })).rejects.toThrow()
  expect(await migrate(url, { ORCHESTRATOR_PASSWORD: 'second' })).toMatchObject({ code: 0 })
  await expect(createStore({ url: roleUrl(url, 'strata_orchestrator', 'first') })).rejects.toThrow('password')
  await using rotated = await createStore({ url: roleUrl(url, 'strata_orchestrator', 'second') })
  await rotated.ping(AbortSignal.timeout(5_000))
  // The role keeps its password, and its connections their rights, when a later run names no password.
  await store.ping(AbortSignal.timeout(5_000))
})

it('strata redis-users prints a line per process with the hash of its password, and names a password that is missing', async () => {
  const environment = { GAMESERVER_PASSWORD: 'secret-of-game', MATCHMAKER_PASSWORD: 'secret-of-matchmaker', ORCHESTRATOR_PASSWORD: 'secret-of-orchestrator' }
  const { out, code } = await strata(['redis-users', '--prefix', 'world:'], { environment })
  expect(code).toBe(0)
  expect(out.trimEnd().split('\n')).toEqual(
    ['gameserver', 'matchmaker', 'orchestrator'].map((name) => expect.stringMatching(new RegExp(`^user strata_${name} reset on #[0-9a-f]{64} .*~world:`))),
  )
  expect(out).not.toContain('secret-of')
  const { MATCHMAKER_PASSWORD: _, ...missing } = environment
  expect(await strata(['redis-users'], { environment: missing })).toMatchObject({ code: 2, out: '', problems: expect.stringContaining('MATCHMAKER_PASSWORD') })
})
