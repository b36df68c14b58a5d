import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PermitFor, signPermit } from '../../service/keys/permit.ts'
import { createSealKeys } from '../../service/keys/sealedTickets.ts'
import { createServerSecret } from '../../store/gameServers.ts'
import { createStore, type PostgresStore } from '../../store/postgresStore.ts'
import { freshStore } from '../freshStore.ts'
import { makeCharacter } from '../people.ts'
import { execute, roleLogin } from '../roleLogin.ts'

/** What somebody who has taken over a game server tries with its login of PostgreSQL and the secret of its server. */
const stack = new AsyncDisposableStack()
let owner: { store: PostgresStore; url: string }
let login: string
let server: PostgresStore
const secret = createServerSecret()
const [ada, bob, stranger] = ['taken-ada', 'taken-bob', 'taken-stranger']
const here = { copy: 'forest-1', server: 'server-1' }
let keys = 0
let minutes = 0
/** A permit as the matchmaker signs it. No two are alike, because each works once. */
const permit = async (of: Partial<PermitFor> = {}) =>
  signPermit(await owner.store.permitKey(), { character: ada, ...here, until: Date.now() + 60_000 * ++minutes, ...of })
/** The login of a character that the matchmaker sent here. */
const claim = async (character: string) => server.claim(character, here, await permit({ character }))
const request = (actor = 'server') => ({ actor, key: `key ${++keys}` })

beforeAll(async () => {
  owner = stack.use(await freshStore())
  login = stack.use(await roleLogin(owner.url, 'gameserver')).url
  server = stack.use(await createStore({ url: login, poolSize: 2, serverSecret: secret }))
  await server.registerServer(here.server, createSealKeys().publicKey)
  for (const name of ['Taken Ada', 'Taken Bob', 'Taken Stranger']) await makeCharacter(owner.store, { name })
  await owner.store.economy.grant(request(), { character: stranger, money: 500, items: ['sword'], reason: 'test' })
})
afterAll(() => stack.disposeAsync())

/** One statement on the connection of the server that was taken over: the secret comes with it. */
const attack = (statement: string, ...values: unknown[]) => execute(login, statement, values, { 'strata.server_secret': secret })
const denied = { code: '42501' }

it('S1, S2: a game server does its work with its own rights: it claims, saves, moves, describes, locks loot and lets go', async () => {
  await server.ping(AbortSignal.timeout(5_000))
  const { epoch } = await claim(ada)
  expect(await server.save(ada, epoch, { x: 1 }, 1)).toBe(true)
  expect(await server.saveMany([{ character: ada, epoch, state: { x: 2 }, stateVersion: 1 }])).toEqual([])
  expect(await server.describe(ada, epoch, { level: 3 })).toBe(true)
  expect(await server.takeLocks({ key: 'boss', until: Date.now() + 60_000, deed: 'kill' }, [{ character: ada, epoch }], Date.now())).toEqual([ada])
  expect(await server.lockedOut('boss', [ada], Date.now())).toHaveLength(1)
  expect(await server.releaseLock('boss', ada, 'kill')).toBe(true)
  expect(await server.profile(ada)).toMatchObject({ character: ada, attributes: { level: 3 } })
  expect(await server.release('move-1', [{ character: ada, epoch, state: { x: 3 }, stateVersion: 1 }], here.server)).toBe(true)
  expect(await server.claimReleased(ada, 'move-1', epoch, here)).toMatchObject({ epoch: epoch + 1, state: { x: 3 } })
  expect(await server.leave(ada, epoch + 1, { x: 4 }, 1)).toBe(true)
})

it('M1: a game server gives loot to characters that it holds and carries out their trades; the audit finds nothing', async () => {
  const { economy } = server
  const [a, b] = [
    { character: ada, ...(await claim(ada)) },
    { character: bob, ...(await claim(bob)) },
  ]
  const { items } = await economy.grant(request(ada), { character: ada, money: 100, items: ['herb'], reason: 'loot' }, a)
  await economy.use(request(ada), { character: ada, money: 10, reason: 'a toll' }, a)
  const open = () => economy.openTrade(request(), here.copy, [a, b])
  const { trade } = await open()
  const { version } = await economy.offer(request(ada), ada, trade, { money: 30, items: items.map(({ id }) => id) })
  await economy.confirm(request(ada), ada, trade, version)
  expect(await economy.confirm(request(bob), bob, trade, version)).toEqual({ state: 'done' })
  const second = await open()
  await economy.offer(request(bob), bob, second.trade, { money: 30, items: items.map(({ id }) => id) })
  expect(await economy.cancelTrade(request(), second.trade, 'test')).toEqual({ state: 'cancelled' })
  expect(await economy.holdings(bob)).toMatchObject({ money: 30, items: [{ kind: 'herb' }] })
  expect(await owner.store.economy.audit()).toMatchObject({ findings: [], moneyDifference: 0, unbalancedTransactions: 0 })
})

describe('a taken-over game server and the characters of others', () => {
  const elsewhere = { copy: 'town-1', server: 'server-2' }
  const victim = 'taken-victim'
  /** Another game server, which holds the victim at the start of each test. It shares the role with the attacker. */
  let other: PostgresStore
  let epoch = 0
  beforeAll(async () => {
    other = stack.use(await createStore({ url: login, poolSize: 1, serverSecret: createServerSecret() }))
    await other.registerServer(elsewhere.server, createSealKeys().publicKey)
    await makeCharacter(owner.store, { name: 'Taken Victim' })
  })
  const permitElsewhere = (of: Partial<PermitFor> = {}) => permit({ character: victim, ...elsewhere, ...of })
  beforeEach(async () => {
    ;({ epoch } = await other.claim(victim, elsewhere, await permitElsewhere()))
  })
  afterEach(async () => {
    // Whatever was tried, the other server goes on.
    const [row] = await execute(owner.url, 'SELECT epoch::int, moving FROM characters WHERE id = $1', [victim])
    expect(row).toMatchObject({ epoch })
    if (row?.['moving'] === null) expect(await other.save(victim, epoch, { by: 'its server' }, 1)).toBe(true)
    expect(await owner.store.profile(victim)).not.toHaveProperty('attributes')
  })
  const refused = { code: 'CLAIM_REFUSED' }
  const take = `UPDATE characters SET epoch = epoch + 1, live_copy = $2, live_server = $3, moving = NULL`
  const releaseIt = () => other.release('a move', [{ character: victim, epoch, state: {}, stateVersion: 1 }], elsewhere.server)

  it('S1: claims nobody without a permit, whether the character is live, released or gone', async () => {
    for (const live of [() => Promise.resolve(true), releaseIt]) {
      await live()
      await expect(server.claim(victim, here)).rejects.toMatchObject(refused)
      await expect(attack(`${take} WHERE id = $1`, victim, here.copy, here.server)).rejects.toMatchObject(denied)
      // In the name of the other server.
      await expect(server.claim(victim, elsewhere)).rejects.toMatchObject(refused)
      await expect(server.claim(victim, elsewhere, await permitElsewhere())).rejects.toMatchObject(refused)
    }
  })

  it('S1: claims nobody with a permit that is forged, expired, used, or for another character, copy or server', async () => {
    const own: Record<string, string | Promise<string>> = {
      forged: signPermit(new Uint8Array(32), { character: victim, ...here, until: Date.now() + 60_000 }),
      expired: permit({ character: victim, until: Date.now() - 1 }),
      'of another character': permit({ character: ada }),
      'for another copy': permit({ character: victim, copy: 'forest-2' }),
      'for another server': permitElsewhere(),
      'shifted by a byte': permit({ character: victim, copy: `${here.copy}s`, server: here.server.slice(1) }),
      unreadable: 'NaN.',
    }
    for (const [what, one] of Object.entries(own)) await expect(server.claim(victim, here, await one), what).rejects.toMatchObject(refused)
    // A permit with a later deadline has another signature.
    const [, signature] = (await permit({ character: victim, until: Date.now() - 1 })).split('.')
    await expect(server.claim(victim, here, `${Date.now() + 60_000}.${signature}`)).rejects.toMatchObject(refused)
    // The character was here, and its player entered elsewhere since.
    const used = await permit({ character: victim })
    await server.claim(victim, here, used)
    ;({ epoch } = await other.claim(victim, elsewhere, await permitElsewhere()))
    await expect(server.claim(victim, here, used)).rejects.toMatchObject(refused)
    // It cannot remove the note that the permit was used.
    await expect(attack('UPDATE characters SET used_permits = NULL WHERE id = $1', victim)).rejects.toMatchObject(denied)
    await expect(attack(`${take}, used_permits = ARRAY[$4] WHERE id = $1`, victim, here.copy, here.server, used)).rejects.toMatchObject(denied)
  })

  it('S1: registers under no name of another server, and under none without a secret', async () => {
    await expect(server.registerServer(elsewhere.server, createSealKeys().publicKey)).rejects.toMatchObject({ code: 'SERVER_NAME_TAKEN' })
    await expect(execute(login, `SELECT register_server('server-3', 'key')`)).rejects.toThrow('null value')
    await attack('SELECT unregister_server($1)', elsewhere.server)
    await expect(server.registerServer(elsewhere.server, createSealKeys().publicKey)).rejects.toMatchObject({ code: 'SERVER_NAME_TAKEN' })
    for (const statement of ['SELECT * FROM game_servers', 'UPDATE game_servers SET secret_hash = sha256($$mine$$)', 'DELETE FROM game_servers'])
      await expect(attack(statement), statement).rejects.toMatchObject(denied)
    await other.registerServer(elsewhere.server, createSealKeys().publicKey)
  })

  it('S1: a process that is started again takes its name after three minutes without a renewal, and holds no character of the process before', async () => {
    await using again = await createStore({ url: login, poolSize: 1, serverSecret: createServerSecret() })
    const register = () => again.registerServer(elsewhere.server, createSealKeys().publicKey)
    const age = (interval: string) =>
      execute(owner.url, `UPDATE game_servers SET seen_at = now() - $2::interval WHERE server = $1`, [elsewhere.server, interval])
    await age('2 minutes 50 seconds')
    await expect(register()).rejects.toMatchObject({ code: 'SERVER_NAME_TAKEN' })
    // An outage of the database takes nothing from a server that nobody replaces.
    await age('59 minutes')
    await server.registerServer(here.server, createSealKeys().publicKey)
    ;({ epoch } = await other.claim(victim, elsewhere, await permitElsewhere()))
    await register()
    await expect(again.save(victim, epoch, {}, 1)).rejects.toMatchObject(denied)
    await expect(other.registerServer(elsewhere.server, createSealKeys().publicKey)).rejects.toMatchObject({ code: 'SERVER_NAME_TAKEN' })
    await expect(other.claim(victim, elsewhere, await permitElsewhere())).rejects.toMatchObject(refused)
    await age('61 minutes')
    await server.registerServer(here.server, createSealKeys().publicKey)
    expect(await execute(owner.url, 'SELECT server FROM game_servers')).toEqual([{ server: here.server }])
    await other.registerServer(elsewhere.server, createSealKeys().publicKey)
  })

  it('S1, M2: claims nobody whom another server released, for itself or for a third one; both ends of the move may', async () => {
    await releaseIt()
    await expect(server.claimReleased(victim, 'a move', epoch, here)).rejects.toMatchObject(refused)
    await expect(server.claimReleased(victim, 'a move', epoch, elsewhere)).rejects.toMatchObject(refused)
    await expect(attack(`UPDATE characters SET moving_to = $2 WHERE id = $1`, victim, here.server)).rejects.toMatchObject(denied)
    await expect(attack(`UPDATE characters SET moving = 'my move' WHERE id = $1`, victim)).rejects.toMatchObject(denied)
    // The source claims it back, then releases it for this server, which claims it.
    expect(await other.claimReleased(victim, 'a move', epoch, elsewhere)).toMatchObject({ epoch: epoch + 1 })
    expect(await other.release('b', [{ character: victim, epoch: epoch + 1, state: {}, stateVersion: 1 }], here.server)).toBe(true)
    expect(await server.claimReleased(victim, 'b', epoch + 1, here)).toMatchObject({ epoch: epoch + 2 })
    ;({ epoch } = await other.claim(victim, elsewhere, await permitElsewhere()))
  })

  it("S2: does not save, describe, release or end another server's character, although it can read the epoch", async () => {
    const save = { character: victim, epoch, state: { by: 'the attacker' }, stateVersion: 1 }
    for (const act of [
      () => server.save(victim, epoch, save.state, 1),
      () => server.saveMany([save]),
      () => server.release('my move', [save], here.server),
      () => server.leave(victim, epoch, save.state, 1),
      () => server.describe(victim, epoch, { level: 99 }),
      () => attack('UPDATE characters SET live_copy = NULL, live_server = NULL WHERE id = $1', victim),
    ])
      await expect(act()).rejects.toMatchObject(denied)
  })

  it('S5: gets the tickets of no move but those of characters that it holds, whatever it writes into the directory', async () => {
    const keys = { here: createSealKeys(), elsewhere: createSealKeys() }
    await server.registerServer(here.server, keys.here.publicKey)
    await other.registerServer(elsewhere.server, keys.elsewhere.publicKey)
    await using matchmaker = await roleLogin(owner.url, 'matchmaker')
    await using orchestrator = await roleLogin(owner.url, 'orchestrator')
    await claim(ada)
    for (const { url } of [matchmaker, orchestrator]) {
      await using store = await createStore({ url, poolSize: 1 })
      expect(await store.holderKeys([ada, victim])).toEqual(
        new Map([
          [ada, keys.here.publicKey],
          [victim, keys.elsewhere.publicKey],
        ]),
      )
      await other.unregisterServer(elsewhere.server)
      expect(await store.holderKeys([victim])).toEqual(new Map())
      await other.registerServer(elsewhere.server, keys.elsewhere.publicKey)
    }
  })

  it('S1: does not bring a character back that has left: only a claim makes it live', async () => {
    const { epoch: mine } = await server.claim(victim, here, await permit({ character: victim }))
    expect(await server.leave(victim, mine, {}, 1)).toBe(true)
    for (const change of [`live_copy = 'forest-1'`, `moving = 'my move'`, `live_copy = 'forest-1', live_server = 'server-1'`])
      await expect(attack(`UPDATE characters SET ${change} WHERE id = $1`, victim), change).rejects.toMatchObject(denied)
    await expect(server.claim(victim, here)).rejects.toMatchObject(refused)
    ;({ epoch } = await other.claim(victim, elsewhere, await permitElsewhere()))
  })

  it('S2: the guard watches every column of a character that a game server may write', async () => {
    const columns = await execute(
      owner.url,
      `SELECT a.attname::text AS column, a.attnum = ANY(t.tgattr) AS guarded FROM pg_trigger t JOIN pg_attribute a ON a.attrelid = t.tgrelid
        WHERE t.tgname = 'guard_claim' AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege('strata_gameserver', t.tgrelid, a.attnum, 'UPDATE')`,
    )
    expect(columns.length).toBeGreaterThan(8)
    expect(columns.filter(({ guarded }) => guarded !== true)).toEqual([])
  })

  it('M1: grants nothing to the character of another server, and takes nothing from it', async () => {
    const held = { character: victim, epoch, copy: elsewhere.copy }
    await expect(server.economy.grant(request(victim), { character: victim, money: 5, reason: 'loot' }, held)).rejects.toMatchObject(denied)
    await other.economy.grant(request(victim), { character: victim, money: 5, reason: 'loot' }, held)
    await expect(server.economy.use(request(victim), { character: victim, money: 5, reason: 'a toll' }, held)).rejects.toMatchObject(denied)
    expect((await owner.store.economy.holdings(victim)).money).toBeGreaterThan(0)
  })

  it.each([
    ['reads the key of permits', 'SELECT * FROM permit_keys'],
    ['makes a key of permits', 'INSERT INTO permit_keys DEFAULT VALUES'],
    ['puts off the guard', `UPDATE claim_guard SET enforced_from = now() + interval '1 year'`],
    ['writes the log past the guard', `SELECT write_transaction('x', 'grant', 'x', 'x', now(), '{}', NULL, '[]', '[]', '{}', '[]')`],
    ['takes the place of the holder', 'UPDATE characters SET claimed_by = sha256($$mine$$)'],
    ['signs permits by trial', `SELECT permit_holds('1.2', 'a', 'b', 'c')`],
    ['disables the guard', 'ALTER TABLE characters DISABLE TRIGGER guard_claim'],
    ['binds the guard to a table of its own', 'SELECT guard_claim()'],
  ])('%s and is refused', (_what, statement) => expect(attack(statement)).rejects.toMatchObject({ code: expect.stringMatching(/42501|0A000/) }))
})

it.each([
  ['sets a balance', 'UPDATE accounts SET balance = balance + 1000000'],
  ['opens an account with money', `INSERT INTO accounts (id, balance) VALUES ('character:x', 1000000)`],
  ['makes an item', `INSERT INTO items (id, kind, holder) SELECT 'forged', 'sword', id FROM accounts LIMIT 1`],
  ['takes all items', `UPDATE items SET holder = 'character:x'`],
  ['writes the log', `INSERT INTO transactions (id, kind, actor, at, note) VALUES ('forged', 'grant', 'x', now(), '{}')`],
  ['writes postings', `INSERT INTO postings (transaction, account, amount) SELECT id, 'character:x', 5 FROM transactions LIMIT 1`],
  ['answers a request by itself', `INSERT INTO requests (actor, key, fingerprint, at, answer) VALUES ('x', 'y', 'z', now(), '{}')`],
  ['reads the log', 'SELECT * FROM postings'],
])('M1: a taken-over game server that %s is refused', (_what, statement) => expect(attack(statement)).rejects.toMatchObject(denied))

const post = (kind: string, payments: object[], held: object[] = [], { moves = [] as object[], note = {} } = {}) =>
  attack(
    `SELECT post_transaction($1, $2, 'attacker', $1, now(), $3, NULL, $4, $5, '{}', $6)`,
    `forged ${++keys}`,
    kind,
    JSON.stringify(note),
    JSON.stringify(payments),
    JSON.stringify(moves),
    JSON.stringify(held),
  )

it('M1: a taken-over game server grants money only to characters that it holds, and takes none from a stranger through the function that writes the log', async () => {
  const { epoch } = await claim(ada)
  await attack('SELECT * FROM lock_accounts($1)', [`character:${ada}`, `character:${stranger}`])
  const mine = { character: ada, epoch }
  const pay = (from: string, to: string, amount = 50) => [
    { account: from, amount: -amount },
    { account: to, amount },
  ]
  const [me, them] = [`character:${ada}`, `character:${stranger}`]
  // A stranger who is not live with the named epoch: nothing is written, and the answer names the character.
  const forged = await post('grant', pay('world', them), [{ character: stranger, epoch: 1 }])
  expect(Object.values(forged[0] ?? {})).toEqual([stranger])
  const attempts: Parameters<typeof post>[] = [
    ['grant', pay('world', them), [mine]],
    ['grant', pay('world', me)],
    ['grant', pay(them, me), [mine]],
    ['use', pay(them, me), [mine]],
    ['refund', pay('world', me), [mine]],
    ['bank.withdraw', pay('guild:g', me), [mine]],
    ['trade.offer', pay(them, me), [mine]],
    ['trade.offer', pay('world', me), [mine]],
    ['trade.cancel', pay(them, me), [mine]],
    ['grant', [], [mine], { moves: [{ item: 'sword', kind: 'sword', giver: them, taker: me }] }],
  ]
  for (const one of attempts) await expect(post(...one)).rejects.toMatchObject(denied)
  await expect(post('grant', [{ account: me, amount: 50 }], [mine])).rejects.toThrow('makes money of nothing')
  expect(await owner.store.economy.holdings(stranger)).toMatchObject({ money: 500, items: [{ kind: 'sword' }] })
  expect(await owner.store.economy.audit()).toMatchObject({ findings: [] })
  // The control: the same function with a character that it holds.
  expect(Object.values((await post('grant', pay('world', me), [mine]))[0] ?? {})).toEqual([null])
})

it('M1, M3: a taken-over game server that forges a trade row moves nothing across its sides', async () => {
  const [a, b] = [
    { character: ada, ...(await claim(ada)) },
    { character: bob, ...(await claim(bob)) },
  ]
  const holdings = await server.economy.holdings(bob)
  const { trade } = await server.economy.openTrade(request(), here.copy, [a, b])
  await server.economy.offer(request(bob), bob, trade, { money: 5 })
  const cross = [
    { account: `trade:${trade}:1`, amount: -5 },
    { account: `character:${ada}`, amount: 5 },
  ]
  await expect(post('trade.cancel', cross, [a, b], { note: { trade } })).rejects.toMatchObject(denied)
  await expect(post('trade.offer', cross, [a, b], { note: { trade } })).rejects.toMatchObject(denied)
  const reach = [
    { account: `character:${bob}`, amount: -5 },
    { account: `trade:${trade}:0`, amount: 5 },
  ]
  await expect(post('trade.confirm', reach, [a, b], { note: { trade } })).rejects.toMatchObject(denied)
  await server.economy.cancelTrade(request(), trade, 'test')
  expect(await server.economy.holdings(bob)).toEqual(holdings)
})

it.each([
  ['lowers the epoch of a stranger, so that an old server may write again', 'UPDATE characters SET epoch = 0 WHERE epoch > 0'],
  ['raises the epoch of a stranger out of reach', 'UPDATE characters SET epoch = 9223372036854775807'],
  ['renames a stranger', `UPDATE characters SET name = 'Mine'`],
  ['moves a stranger to its account', `UPDATE characters SET account = 'attacker'`],
  ['makes itself a guild member', `UPDATE characters SET guild = 'g'`],
  ['deletes characters', 'DELETE FROM characters'],
  ['makes characters', `INSERT INTO characters (name, name_key, language) VALUES ('x', 'x', 'en')`],
  ['lifts a ban', 'UPDATE player_accounts SET banned_until = NULL'],
  ['bans an operator', `UPDATE player_accounts SET banned_until = now() + interval '1 year'`],
  ['reads the names of accounts', 'SELECT display_name FROM player_accounts'],
  ['reads the audit log', 'SELECT * FROM audit_log'],
  ['writes the audit log', `INSERT INTO audit_log (actor, action, subject) VALUES ('x', 'y', 'z')`],
  ['reads the violations of others', 'SELECT * FROM violations'],
  ['deletes violations', 'DELETE FROM violations'],
  ['reads the outbox of webhooks', 'SELECT * FROM webhook_outbox'],
  ['switches webhooks off', `UPDATE webhook_settings SET types = '{}'`],
  ['reads the decisions about others', 'SELECT * FROM decisions'],
  ['reads mail', 'SELECT * FROM mails'],
  ['reads the auctions', 'SELECT * FROM auctions'],
  ['writes notices to players', `INSERT INTO player_notices (character, topic) VALUES ('x', 'friends')`],
  ['ends friendships', 'DELETE FROM friendships'],
  ['reads invitations', 'SELECT * FROM guild_invitations'],
  ['alters a table', 'ALTER TABLE characters ADD mine text'],
  ['drops a table', 'DROP TABLE postings'],
  ['empties a table', 'TRUNCATE characters CASCADE'],
  ['makes a table', 'CREATE TABLE mine (x text)'],
  ['makes a temporary table', 'CREATE TEMPORARY TABLE mine (x text)'],
  ['makes a function', `CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'`],
  ['replaces the function that writes the log', `ALTER FUNCTION lock_accounts(text[]) OWNER TO CURRENT_USER`],
  ['disables the trigger of the log', 'ALTER TABLE postings DISABLE TRIGGER append_only'],
  ['marks a migration as done', `INSERT INTO kysely_migration (name, timestamp) VALUES ('9999', 'x')`],
  ['takes the role of the matchmaker', 'SET ROLE strata_matchmaker'],
  ['gives itself rights', 'GRANT INSERT ON audit_log TO CURRENT_USER'],
  ['makes a login', 'CREATE ROLE mine LOGIN'],
  ['reads a file of the database server', `SELECT pg_read_file('/etc/passwd')`],
  ['runs a program on the database server', `COPY accounts TO PROGRAM 'cat'`],
  ['reads the passwords', 'SELECT * FROM pg_authid'],
])('a taken-over game server that %s is refused', async (_what, statement) => {
  await claim(stranger)
  await expect(attack(statement)).rejects.toMatchObject(denied)
})

it.each(['gameserver', 'matchmaker', 'orchestrator'] as const)('the %s changes neither schema nor log', async (role) => {
  await using own = await roleLogin(owner.url, role)
  for (const statement of [
    'ALTER TABLE characters ADD mine text',
    'DROP TABLE postings',
    'CREATE TABLE mine (x text)',
    'DELETE FROM postings',
    'UPDATE audit_log SET actor = $$nobody$$',
    'DELETE FROM kysely_migration',
  ])
    await expect(execute(own.url, statement), statement).rejects.toMatchObject(denied)
  await using store = await createStore({ url: own.url, poolSize: 1 })
  await store.ping(AbortSignal.timeout(5_000))
  expect(await store.profile(ada)).toMatchObject({ name: 'Taken Ada' })
  await using leadership = await store.tryLead(`test ${role}`)
  expect(leadership).toBeDefined()
})

it('the orchestrator reads no saved state and writes no character, money or sanction', async () => {
  await using own = await roleLogin(owner.url, 'orchestrator')
  for (const statement of [
    'SELECT state FROM characters',
    'UPDATE characters SET live_copy = NULL',
    'SELECT * FROM accounts',
    'UPDATE player_accounts SET banned_until = NULL',
  ])
    await expect(execute(own.url, statement), statement).rejects.toMatchObject(denied)
})

it('X1: only the orchestrator reads the recording and its key; a matchmaker or a game server that was taken over learns nobody behind a pseudonym', async () => {
  for (const role of ['gameserver', 'matchmaker'] as const) {
    await using own = await roleLogin(owner.url, role)
    for (const statement of ['recording_chunks', 'recording_key', 'recording_salts'].flatMap((table) => [`SELECT * FROM ${table}`, `DELETE FROM ${table}`]))
      await expect(execute(own.url, statement), `${role}: ${statement}`).rejects.toMatchObject(denied)
  }
  await using own = await roleLogin(owner.url, 'orchestrator')
  await using store = await createStore({ url: own.url, poolSize: 1 })
  const { recordings } = store
  const [key, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const { window } = await recordings.recordingKey(key, 0)
  expect(await recordings.recordingKey(other, 1)).toMatchObject({ window, since: 0 })
  expect(await recordings.rotateRecordingKey(window, other, 1)).toMatchObject({ window: window + 1, since: 1 })
  expect(await recordings.rotateRecordingKey(window, key, 2)).toMatchObject({ window: window + 1, since: 1 })
  expect(await recordings.recordingSalts(['one'])).toEqual(await recordings.recordingSalts(['one']))
  // A salt is nothing that the orchestrator may choose, or change.
  for (const statement of ["INSERT INTO recording_salts VALUES ('two', gen_random_uuid())", 'UPDATE recording_salts SET salt = gen_random_uuid()'])
    await expect(execute(own.url, statement), statement).rejects.toMatchObject(denied)
  const chunk = { from: 10, until: 20, window, term: 'one', keyframe: true, players: 1, events: new Uint8Array(3) }
  expect(await recordings.recordChunk(chunk)).toBe(true)
  expect(await recordings.recordChunk(chunk)).toBe(true)
  expect(await recordings.recordChunk({ ...chunk, from: 15, until: 25, term: 'two' })).toBe(false)
  expect(await recordings.recordChunk({ ...chunk, from: 10, until: 15, term: 'two' })).toBe(false)
  expect(await recordings.recordedHeads(0)).toEqual([{ from: 10, until: 20, window, keyframe: true, players: 1, bytes: 3 }])
  expect(await recordings.forgetRecording(1_000)).toBe(1)
})
