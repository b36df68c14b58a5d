import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { createServerSecret } from '../store/gameServers.ts'
import { createStore } from '../store/postgresStore.ts'
import { findPgBouncer, startPgBouncer, withoutPgBouncer } from '../test/pgbouncer.ts'
import { execute, roleLogin } from '../test/roleLogin.ts'
import { numberAfter } from './arguments.ts'
import { quantile, type Report, rounded } from './report.ts'
import { startServices } from './world/services.ts'

/** Saves of game servers through PgBouncer in transaction mode: rows per second of batches, and of one UPDATE per character. */
export const summary = 'saves of characters through PgBouncer in transaction mode: rows per second in batches; --servers N, --players N, --seconds S, --bytes B'
export const peer = 'one UPDATE per character, with the same condition, on the same connections'

/** Connections of one game server (DATABASE_POOL). */
const CONNECTIONS = 4
/** Connections of PgBouncer to PostgreSQL. */
const POOLED = 16
/** Characters in one statement: a server with 500 players, of whom a sixth is due every five seconds. */
const BATCH = 83
/** Each kind is measured in this many rounds, in turns, so that both see the same machine. */
const ROUNDS = 3

interface Character {
  character: string
  epoch: number
  state: object
  stateVersion: number
}

export async function run(stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const command = findPgBouncer()
  if (command === undefined) throw new Error(withoutPgBouncer)
  const servers = numberAfter(args, '--servers') ?? 4
  const players = numberAfter(args, '--players') ?? 500
  const seconds = numberAfter(args, '--seconds') ?? 4
  const bytes = numberAfter(args, '--bytes') ?? 1_000
  const { databaseUrl } = await startServices(stack)
  const login = stack.use(await roleLogin(databaseUrl, 'gameserver')).url
  const { through } = stack.use(await startPgBouncer({ command, urls: [databaseUrl, login], poolSize: POOLED }))
  const world = await Promise.all(
    Array.from({ length: servers }, async (_, n) => {
      const serverSecret = createServerSecret()
      const pooled = stack.use(await createStore({ url: through(login), pooler: 'transaction', poolSize: CONNECTIONS, serverSecret }))
      const direct = stack.use(await createStore({ url: login, poolSize: CONNECTIONS, serverSecret }))
      return { pooled, direct, secret: serverSecret, characters: await makeCharacters(databaseUrl, { server: n, secret: serverSecret, players, bytes }) }
    }),
  )
  type Server = (typeof world)[number]
  const kinds: Record<string, (server: Server) => Saving> = {
    batched: ({ pooled, characters }) => inBatches(characters, (saves) => pooled.saveMany(saves)),
    batchedDirect: ({ direct, characters }) => inBatches(characters, (saves) => direct.saveMany(saves)),
    perRow: ({ secret, characters }) => perRow(stack, { url: through(login), secret, characters, flushed: true }),
    perRowUnflushed: ({ secret, characters }) => perRow(stack, { url: through(login), secret, characters, flushed: false }),
  }
  const measured = new Map<string, Round[]>(Object.keys(kinds).map((name) => [name, []]))
  const savings = Object.entries(kinds).map(([name, kind]) => ({ name, of: world.map(kind) }))
  // Opens all connections.
  for (const { of } of savings) await Promise.all(of.flatMap((saving) => Array.from({ length: 2 * saving.width }, () => saving.next())))
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, of } of savings) measured.get(name)?.push(await measure(databaseUrl, seconds, of))
  }
  const report = (name: string): Report & { rowsPerSecond: number } => {
    const rounds = measured.get(name) ?? []
    const latencies = rounds.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b)
    const rows = rounds.reduce((sum, one) => sum + one.rows, 0)
    return {
      rowsPerSecond: Math.round(rows / rounds.reduce((sum, one) => sum + one.seconds, 0)),
      statementP50Ms: rounded(quantile(latencies, 0.5)),
      statementP99Ms: rounded(quantile(latencies, 0.99)),
      walBytesPerRow: Math.round(rounds.reduce((sum, one) => sum + one.wal, 0) / rows),
    }
  }
  const reports = Object.fromEntries(Object.keys(kinds).map((name) => [name, report(name)]))
  const of = (name: string): number => reports[name]?.rowsPerSecond ?? Number.NaN
  return {
    rowsPerSecond: of('batched'),
    perRowPerSecond: of('perRow'),
    ratioToPerRow: rounded(of('batched') / of('perRow'), 1),
    ratioToPerRowUnflushed: rounded(of('batched') / of('perRowUnflushed'), 1),
    servers,
    playersPerServer: players,
    rowsPerStatement: BATCH,
    stateBytes: bytes,
    poolerConnections: POOLED,
    ...reports,
  }
}

/** Inserts the characters of one server as claimed by it. */
async function makeCharacters(url: string, of: { server: number; secret: string; players: number; bytes: number }): Promise<Character[]> {
  const ids = Array.from({ length: of.players }, (_, n) => `bench-${of.server}-${n}`)
  await execute(url, 'INSERT INTO player_accounts (id) SELECT unnest($1::text[])', [ids])
  await execute(
    url,
    `INSERT INTO characters (id, account, name, name_key, look_alike, language, languages, epoch, live_copy, live_server, claimed_by)
    SELECT id, id, id, id, id, 'en', ARRAY['en'], 1, $2, $2, sha256(convert_to($3, 'UTF8')) FROM unnest($1::text[]) AS v (id)`,
    [ids, `server-${of.server}`, of.secret],
  )
  return ids.map((character) => ({ character, epoch: 1, state: stateOf(of.bytes), stateVersion: 1 }))
}

/** A state of about this many bytes of JSON, of which PostgreSQL can compress little. */
function stateOf(bytes: number): object {
  const items = Array.from({ length: Math.max(1, Math.round((bytes - 60) / 20)) }, () => randomBytes(8).toString('hex').slice(0, 15))
  return { lastInput: 0, game: { x: Math.random() * 1_000, y: Math.random() * 1_000, items } }
}

/** Saves the next characters; returns how many. */
type Saving = { width: number; next(): Promise<number> }

/** A server has one batch in flight. */
function inBatches(characters: readonly Character[], save: (saves: readonly Character[]) => Promise<unknown>): Saving {
  let at = 0
  return {
    width: 1,
    async next() {
      const saves = Array.from({ length: Math.min(BATCH, characters.length) }, (_, n) => changed(characters[(at + n) % characters.length]))
      at = (at + saves.length) % characters.length
      await save(saves)
      return saves.length
    },
  }
}

function perRow(stack: AsyncDisposableStack, of: { url: string; secret: string; characters: readonly Character[]; flushed: boolean }): Saving {
  const pool = new pg.Pool({ connectionString: of.url, max: CONNECTIONS })
  stack.defer(() => pool.end())
  let at = 0
  // The secret in the statement, because the session is another one each time.
  const text = `WITH me AS MATERIALIZED (SELECT set_config('strata.server_secret', $5, true), set_config('synchronous_commit', $6, true))
    UPDATE characters SET state = $1, state_version = $2, saved_at = now() FROM me WHERE id = $3 AND epoch = $4 AND live_copy IS NOT NULL`
  return {
    width: CONNECTIONS,
    async next() {
      const { character, epoch, state, stateVersion } = changed(of.characters[at++ % of.characters.length])
      const { rowCount } = await pool.query(text, [JSON.stringify(state), stateVersion, character, epoch, of.secret, of.flushed ? 'on' : 'off'])
      if (rowCount !== 1) throw new Error(`the save of ${character} changed ${rowCount} rows`)
      return 1
    },
  }
}

function changed(character: Character | undefined): Character {
  if (character === undefined) throw new Error('a server without characters')
  Object.assign(character.state, { lastInput: Math.floor(Math.random() * 1e6) })
  return character
}

interface Round {
  rows: number
  seconds: number
  wal: number
  latenciesMs: number[]
}

async function measure(url: string, seconds: number, savings: readonly Saving[]): Promise<Round> {
  const lsn = async (): Promise<number> => Number((await execute(url, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS at"))[0]?.['at'])
  const walBefore = await lsn()
  const began = performance.now()
  const latenciesMs: number[] = []
  let rows = 0
  const worker = async (saving: Saving): Promise<void> => {
    while (performance.now() - began < seconds * 1_000) {
      const asked = performance.now()
      const saved = await saving.next()
      rows += saved
      latenciesMs.push(performance.now() - asked)
    }
  }
  await Promise.all(savings.flatMap((saving) => Array.from({ length: saving.width }, () => worker(saving))))
  return { rows, seconds: (performance.now() - began) / 1_000, wal: (await lsn()) - walBefore, latenciesMs }
}
