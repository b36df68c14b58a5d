import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signPermit } from '../../service/keys/permit.ts'
import { createSealKeys } from '../../service/keys/sealedTickets.ts'
import { createServerSecret } from '../../store/gameServers.ts'
import { createStore, type PostgresStore } from '../../store/postgresStore.ts'
import { claimsContract } from '../contract/claims.ts'
import { freshStore } from '../freshStore.ts'
import { makeCharacter } from '../people.ts'
import { findPgBouncer, startPgBouncer, withoutPgBouncer } from '../pgbouncer.ts'
import { execute, roleLogin } from '../roleLogin.ts'

const command = findPgBouncer()
if (command === undefined) process.stderr.write(`${withoutPgBouncer}\n`)

if (command !== undefined) {
  claimsContract('PostgreSQL behind PgBouncer in transaction mode', async () => {
    await using stack = new AsyncDisposableStack()
    const fresh = stack.use(await freshStore())
    const { through } = stack.use(await startPgBouncer({ command, urls: [fresh.url], poolSize: 2 }))
    const store = stack.use(await createStore({ url: through(fresh.url), pooler: 'transaction' }))
    const addCharacter = async (name: string) => (await makeCharacter(fresh.store, { name })).character
    const running = stack.move()
    return { store, addCharacter, [Symbol.asyncDispose]: () => running.disposeAsync() }
  })
}

describe.skipIf(command === undefined)('game servers behind a PgBouncer that has one connection for all of them', () => {
  const stack = new AsyncDisposableStack()
  let owner: { store: PostgresStore; url: string }
  let login: string
  let through: (url: string) => string
  beforeAll(async () => {
    owner = stack.use(await freshStore())
    login = stack.use(await roleLogin(owner.url, 'gameserver')).url
    const bouncer = stack.use(await startPgBouncer({ command: command ?? '', urls: [owner.url, login], poolSize: 1 }))
    through = bouncer.through
  })
  afterAll(() => stack.disposeAsync())

  let minutes = 0
  async function gameServer(name: string) {
    const store = stack.use(await createStore({ url: through(login), pooler: 'transaction', poolSize: 2, serverSecret: createServerSecret() }))
    await store.registerServer(name, createSealKeys().publicKey)
    const at = { copy: `${name}-copy`, server: name }
    const claim = async (character: string) =>
      store.claim(character, at, await signPermit(await owner.store.permitKey(), { character, ...at, until: Date.now() + 60_000 * ++minutes }))
    return { store, claim }
  }

  it('S1: each statement has the secret of its server, and only that, although all share one session', async () => {
    const [a, b] = [await gameServer('pooled-a'), await gameServer('pooled-b')]
    const people = await Promise.all(Array.from({ length: 8 }, (_, n) => makeCharacter(owner.store, { name: `Pooled ${String.fromCharCode(65 + n)}x` })))
    const held = people.map(({ character }, n) => ({ character, server: n % 2 === 0 ? a : b, other: n % 2 === 0 ? b : a }))
    await Promise.all(
      held.map(async ({ character, server, other }) => {
        const { epoch } = await server.claim(character)
        const save = { character, epoch, state: { of: character }, stateVersion: 1 }
        for (let round = 0; round < 10; round++) {
          const refused = expect(other.store.saveMany([{ ...save, state: 'stolen' }])).rejects.toMatchObject({ code: '42501' })
          expect(await server.store.saveMany([save])).toEqual([])
          await refused
        }
      }),
    )
    const rows = await execute(owner.url, "SELECT id, state->>'of' AS of FROM characters WHERE live_copy LIKE 'pooled-%'")
    expect(rows).toHaveLength(8)
    for (const row of rows) expect(row['of']).toBe(row['id'])
    // A client that says nothing of itself finds no secret in the session that the servers used.
    const [left] = await execute(through(login), "SELECT current_setting('strata.server_secret', true) AS secret")
    expect(left?.['secret'] ?? '').toBe('')
  })

  it('M1: a transaction of the economy has the secret, too', async () => {
    const { store, claim } = await gameServer('pooled-c')
    const { character } = await makeCharacter(owner.store, { name: 'Pooled Cid' })
    const { epoch } = await claim(character)
    const held = { character, epoch, copy: 'pooled-c-copy' }
    const granted = await store.economy.grant({ actor: 'server', key: 'pooled grant' }, { character, money: 7, reason: 'test' }, held)
    expect(granted).toMatchObject({ money: 7 })
    expect((await owner.store.economy.holdings(character)).money).toBe(7)
  })

  it('X1: a statement has its deadline, and the session is free again after it', async () => {
    const store = stack.use(await createStore({ url: through(owner.url), pooler: 'transaction', statementTimeoutMs: 300 }))
    const { character } = await makeCharacter(owner.store, { name: 'Pooled Dan' })
    const { epoch } = await store.claim(character, { copy: 'x', server: 'y' })
    const blocker = new pg.Client({ connectionString: owner.url })
    await blocker.connect()
    stack.defer(() => blocker.end())
    await blocker.query('BEGIN')
    await blocker.query('SELECT FROM characters WHERE id = $1 FOR UPDATE', [character])
    const began = performance.now()
    await expect(store.save(character, epoch, {}, 1)).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
    expect(performance.now() - began).toBeLessThan(1_200)
    expect((await store.profile(character))?.name).toBe('Pooled Dan')
    await blocker.query('ROLLBACK')
    expect(await store.save(character, epoch, {}, 1)).toBe(true)
    const [own] = await execute(through(owner.url), "SELECT current_setting('statement_timeout') AS timeout")
    expect(own).toEqual({ timeout: '0' })
  })

  it('D3: the lead is taken without the pooler', async () => {
    const store = stack.use(await createStore({ url: through(owner.url), directUrl: owner.url, pooler: 'transaction' }))
    await using lead = await store.tryLead('pooled')
    expect(lead?.lost.aborted).toBe(false)
    expect(await owner.store.tryLead('pooled')).toBeUndefined()
  })
})
