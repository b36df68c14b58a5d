import pg from 'pg'
import { afterAll, expect, it } from 'vitest'
import { StrataError } from '../../model/errors.ts'
import { createStore } from '../../store/postgresStore.ts'
import { freshStore } from '../freshStore.ts'
import { execute, roleLogin } from '../roleLogin.ts'
import { everyCall } from './everyCall.ts'
import { fillTables, PEOPLE } from './fillTables.ts'

/** A table with more rows than this must be read by an index. */
const BIG_TABLE_ROWS = 5_000
/** Statements that read whole tables on purpose: an audit compares everything. */
const wholeTables = /audit: the whole ledger/

interface Statement {
  call: string
  text: string
  values: readonly unknown[]
}
interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  Plans?: PlanNode[]
}

const stack = new AsyncDisposableStack()
afterAll(() => stack.disposeAsync())

it(`X1: at ${PEOPLE} characters no statement of the store reads a big table from end to end`, { timeout: 300_000 }, async () => {
  const { url } = stack.use(await freshStore())
  // The matchmaker may make every call of the store, so this shows that its rights suffice.
  const login = stack.use(await roleLogin(url, 'matchmaker'))
  await explainNested(url, new URL(login.url).username)
  const store = stack.use(await createStore({ url: login.url }))
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  stack.defer(() => client.end())
  await fillTables(client)
  const big = await bigTables(client)
  expect(big).toEqual(
    expect.arrayContaining(['characters', 'friendships', 'player_accounts', 'decisions', 'mails', 'postings', 'guild_ranks', 'party_members']),
  )

  const seen = new Map<string, Statement>()
  const nested = new Map<string, string[]>()
  const problems: string[] = []
  for (const [call, run] of everyCall(store)) {
    const stop = record(
      (text, values) => seen.has(text) || seen.set(text, { call, text, values }),
      (text, plan) => nested.set(text, [...(nested.get(text) ?? []), ...scansOf(plan)]),
    )
    try {
      await run()
    } catch (error) {
      // A refusal by the rules has run its statements; anything else would hide some.
      if (!(error instanceof StrataError)) problems.push(`${call}: ${String(error)}`)
    } finally {
      stop()
    }
  }
  expect(problems).toEqual([])
  expect(seen.size).toBeGreaterThan(120)

  const scans: string[] = []
  for (const { call, text, values } of seen.values()) {
    for (const table of await scannedTables(client, text, values)) {
      if (big.includes(table) && !wholeTables.test(call)) scans.push(`${call}: sequential scan of ${table} in ${text.replaceAll(/\s+/g, ' ').slice(0, 160)}`)
    }
  }
  // What functions and triggers of the database run: statements that no connection has sent.
  const inside = [...nested].filter(([text]) => !seen.has(text))
  expect(inside.map(([text]) => text).filter((text) => /INSERT INTO (item_moves|accounts)/.test(text))).toHaveLength(2)
  for (const [text, tables] of inside) {
    for (const table of tables)
      if (big.includes(table)) scans.push(`inside of the database: sequential scan of ${table} in ${text.replaceAll(/\s+/g, ' ').slice(0, 160)}`)
  }
  expect(scans).toEqual([])
})

/** From now on the role's connections get a notice with the plan of each statement that they or their functions and triggers run. */
async function explainNested(url: string, role: string): Promise<void> {
  const settings = {
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': 0,
    'auto_explain.log_nested_statements': 'on',
    'auto_explain.log_format': 'json',
    'auto_explain.log_level': 'notice',
  }
  await execute(
    url,
    `LOAD 'auto_explain'; ${Object.entries(settings)
      .map(([name, value]) => `ALTER ROLE ${role} SET ${name} = '${value}'`)
      .join('; ')}`,
  )
}

async function bigTables(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND reltuples > ${BIG_TABLE_ROWS}`)
  return rows.map(({ name }) => name)
}

/** Calls `note` for each statement that any connection of this process sends, and `explained` for each plan, until the returned function is called. */
function record(note: (text: string, values: readonly unknown[]) => unknown, explained: (text: string, plan: PlanNode) => unknown): () => void {
  const listening = new Set<pg.Client>()
  const listen = ({ message = '' }: { message?: string | undefined }): void => {
    const found = /^duration: [\d.]+ ms {2}plan:\s*(\{.*\})\s*$/s.exec(message)?.[1]
    if (found === undefined) return
    const { 'Query Text': text, Plan } = JSON.parse(found) as { 'Query Text': string; Plan: PlanNode }
    explained(text, Plan)
  }
  const { prototype } = pg.Client
  const original = prototype.query as (...args: unknown[]) => unknown
  Object.assign(prototype, {
    query(this: pg.Client, ...args: unknown[]) {
      const [query, second] = args
      if (!listening.has(this)) {
        listening.add(this)
        this.on('notice', listen)
      }
      const text = typeof query === 'string' ? query : (query as { text?: string } | undefined)?.text
      const values = Array.isArray(second) ? second : ((query as { values?: unknown[] } | undefined)?.values ?? [])
      if (text !== undefined && /^\s*(select|insert|update|delete|with)\b/i.test(text)) note(text, values)
      return original.apply(this, args)
    },
  })
  return () => {
    Object.assign(prototype, { query: original })
    for (const client of listening) client.off('notice', listen)
  }
}

/** The tables that the statement would scan from end to end, with these values. Nothing is carried out. */
async function scannedTables(client: pg.Client, text: string, values: readonly unknown[]): Promise<string[]> {
  const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>({ text: `EXPLAIN (FORMAT JSON) ${text}`, values: [...values] })
  return (rows[0]?.['QUERY PLAN'] ?? []).flatMap(({ Plan }) => scansOf(Plan))
}

function scansOf(node: PlanNode): string[] {
  const own = node['Node Type'] === 'Seq Scan' && node['Relation Name'] !== undefined ? [node['Relation Name']] : []
  return [...own, ...(node.Plans ?? []).flatMap(scansOf)]
}
