import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Clock } from '../../../model/clock.ts'
import type { AuditReport } from '../../../model/economy.ts'
import { mapConnectionErrors } from '../../database/connectionErrors.ts'
import { openDatabase } from '../../database/database.ts'
import type { Tables } from '../../tables.ts'
import { WORLD } from './accounts.ts'

/** Most findings per check that the report describes; the rest is only counted. */
const FINDINGS_PER_CHECK = 20
/** Deadline of one statement, in ms. Long, because the audit reads the whole log. */
const TIMEOUT_MS = 600_000

type Count = Exclude<keyof AuditReport, 'at' | 'findings'>
interface Finding {
  what: string
  /** How much the finding adds to the count: 1, or a number of coins. */
  weight: number
}

/** Runs `audit` on a connection of its own. Throws DEPENDENCY_DOWN. */
export async function auditDatabase(url: string, clock: Clock = { now: Date.now }): Promise<AuditReport> {
  await using database = openDatabase<Tables>({ url, poolSize: 1, statementTimeoutMs: TIMEOUT_MS })
  return await mapConnectionErrors(() => audit(database.db, clock))
}

/** Rebuilds all balances and inventories from the log and compares. It reads one database snapshot, so other transactions may run. */
export async function audit(db: Kysely<Tables>, clock: Clock = { now: Date.now }): Promise<AuditReport> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const { rows } = await sql<Pick<AuditReport, 'accounts' | 'items' | 'transactions' | 'money'>>`
        SELECT (SELECT count(*) FROM accounts) AS accounts, (SELECT count(*) FROM items) AS items,
          (SELECT count(*) FROM transactions) AS transactions, (SELECT coalesce(sum(balance), 0)::bigint FROM accounts) AS money`.execute(tx)
      const sizes = rows[0] ?? { accounts: 0, items: 0, transactions: 0, money: 0 }
      const none = { lostItems: 0, duplicatedItems: 0, misplacedItems: 0, moneyDifference: 0, unbalancedTransactions: 0, wrongEscrows: 0 }
      const report: AuditReport = { at: clock.now(), ...sizes, ...none, findings: [] }
      for (const [count, query] of checks) {
        const found = await sql<Finding>`${query}`.execute(tx)
        report[count] += found.rows.reduce((sum, { weight }) => sum + weight, 0)
        report.findings.push(...found.rows.slice(0, FINDINGS_PER_CHECK).map(({ what }) => what))
      }
      return report
    })
}

/** The holder of each item according to the log: the taker of its last move. */
const rebuiltItems = sql`SELECT DISTINCT ON (m.item) m.item, m.kind, m.taker
  FROM item_moves m JOIN transactions t ON t.id = m.transaction ORDER BY m.item, t.seq DESC`

const holdings = sql`SELECT a.id, split_part(a.id, ':', 1) AS kind, split_part(a.id, ':', 2) AS thing, a.balance,
  (SELECT count(*) FROM items i WHERE i.holder = a.id) AS items FROM accounts a WHERE a.character IS NULL AND a.guild IS NULL`

const checks: readonly (readonly [Count, RawBuilder<unknown>])[] = [
  [
    'lostItems',
    sql`WITH log AS (${rebuiltItems}) SELECT format('item %s (%s) is lost: the log says %s', log.item, log.kind, log.taker) AS what, 1 AS weight
      FROM log WHERE log.taker <> ${WORLD} AND NOT EXISTS (SELECT FROM items i WHERE i.id = log.item)`,
  ],
  [
    'duplicatedItems',
    sql`WITH log AS (${rebuiltItems}) SELECT format('item %s (%s) of %s is in no log, or was used up', i.id, i.kind, i.holder) AS what, 1 AS weight
      FROM items i WHERE NOT EXISTS (SELECT FROM log WHERE log.item = i.id AND log.taker <> ${WORLD})`,
  ],
  [
    'duplicatedItems',
    sql`WITH chain AS (
        SELECT m.item, m.kind, m.giver, m.transaction, coalesce(lag(m.taker) OVER (PARTITION BY m.item ORDER BY t.seq), ${WORLD}) AS holder,
          lag(m.kind, 1, m.kind) OVER (PARTITION BY m.item ORDER BY t.seq) AS before
        FROM item_moves m JOIN transactions t ON t.id = m.transaction
      ) SELECT format('%s took item %s from %s, but %s had it', transaction, item, giver, holder) AS what, 1 AS weight
      FROM chain WHERE giver <> holder OR kind <> before`,
  ],
  [
    'misplacedItems',
    sql`WITH log AS (${rebuiltItems}) SELECT format('%s has item %s (%s): the log says %s', i.holder, i.id, i.kind, log.taker) AS what, 1 AS weight
      FROM items i JOIN log ON log.item = i.id WHERE log.taker <> ${WORLD} AND (log.taker <> i.holder OR log.kind <> i.kind)`,
  ],
  [
    'moneyDifference',
    sql`SELECT format('%s has %s: the log says %s', id, a.balance, log.balance) AS what, abs(coalesce(a.balance, 0) - coalesce(log.balance, 0)) AS weight
      FROM accounts a FULL JOIN (SELECT account AS id, sum(amount)::bigint AS balance FROM postings WHERE account <> ${WORLD} GROUP BY account) log USING (id)
      WHERE coalesce(a.balance, 0) <> coalesce(log.balance, 0)`,
  ],
  [
    'unbalancedTransactions',
    sql`SELECT format('%s makes %s coins of nothing', transaction, sum(amount)) AS what, 1 AS weight FROM postings GROUP BY transaction HAVING sum(amount) <> 0`,
  ],
  [
    'wrongEscrows',
    sql`WITH held AS (${holdings}) SELECT format('%s holds %s coins and %s items', held.id, held.balance, held.items) AS what, 1 AS weight
      FROM held LEFT JOIN mails m ON held.kind = 'mail' AND m.id = held.thing
        LEFT JOIN auctions a ON held.kind = 'auction' AND a.id = held.thing
        LEFT JOIN trades t ON held.kind = 'trade' AND t.id = held.thing
      WHERE CASE
        WHEN held.balance = 0 AND held.items = 0 THEN a.state = 'open'
        WHEN m.id IS NOT NULL THEN m.state <> 'full'
        WHEN a.id IS NOT NULL THEN a.state <> 'open' OR held.balance <> coalesce(a.bid, 0) OR held.items = 0
        WHEN t.id IS NOT NULL THEN t.state <> 'open'
        ELSE true END`,
  ],
]
