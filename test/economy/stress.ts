import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import pg from 'pg'
import { VirtualClock } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { type AuditReport, auctionCut } from '../../model/economy.ts'
import { type Random, seededRandom } from '../../model/random.ts'
import { createEconomy } from '../../store/economy/postgresEconomy.ts'
import { freshStore } from '../freshStore.ts'
import { execute } from '../roleLogin.ts'
import { type Faults, openFaultyDatabase } from './faultyDatabase.ts'
import { acts, TradingGroup } from './tradingGroup.ts'

export interface Stress {
  seed: number
  clients: number
  people: number
  stepsEach: number
  /** Share of the statements whose connection breaks, 0 to 1. */
  faultShare: number
  corrupt?: Faults['corrupt']
  /** A deliberate bug in the function of the database that writes a transaction: its changed definition. */
  breakWrite?: (definition: string) => string
  /** Ignores errors of clients, for runs with a deliberate bug. */
  tolerant?: boolean
}

export interface StressResult {
  report: AuditReport
  /** Reports of audits during the run. */
  auditsDuring: AuditReport[]
  /** Differences from the answers that clients got: items that no answer mentions, missing items, surplus coins. */
  clientRecords: { unknown: number; missing: number; coins: number }
  deadlocks: number
  outcomes: Map<string, number>
  transactions: number
  /** Repeats all requests; returns how many got a different answer, and whether the data changed. */
  replay(): Promise<{ requests: number; otherAnswers: number; changed: boolean }>
}

async function replaceWrite(url: string, change: (definition: string) => string): Promise<void> {
  const [{ definition } = {}] = await execute(url, `SELECT pg_get_functiondef('write_transaction'::regproc) AS definition`)
  const changed = change(String(definition))
  if (changed === definition) throw new Error('the bug changes nothing')
  await execute(url, changed)
}

/** Runs many concurrent clients that trade with each other, on a new database whose connections break. */
export async function stressTest(
  { seed, clients, people, stepsEach, faultShare, corrupt, breakWrite, tolerant = false }: Stress,
  then: (result: StressResult) => Promise<void>,
): Promise<void> {
  const clock = new VirtualClock(1_700_000_000_000)
  const random = seededRandom(seed)
  await using fresh = await freshStore({ clock })
  if (breakWrite !== undefined) await replaceWrite(fresh.url, breakWrite)
  const faults: Faults = {
    connectionFault: async () => {
      for (let turns = Math.floor(random() ** 4 * 6); turns > 0; turns--) await new Promise(setImmediate)
      if (random() >= faultShare) return 'none'
      return random() < 0.5 ? 'before' : 'after'
    },
    ...defined({ corrupt }),
  }
  await using database = openFaultyDatabase(fresh.url, faults, 16)
  const group = await TradingGroup.create(
    { store: fresh.store, economy: createEconomy({ db: database.db, clock, newId: randomUUID }), clock, name: 'group' },
    people,
  )
  const outcomes = new Map<string, number>()
  const auditsDuring: AuditReport[] = []
  for (let who = 0; who < people; who++) for (let n = 0; n < 3; n++) await group.step({ act: 'grant', who, n, m: 20 }).catch(ignoreIf(tolerant))
  const client = async (): Promise<void> => {
    for (let n = 0; n < stepsEach; n++) {
      const outcome = await group.step(randomStep(random, people)).catch(ignoreIf(tolerant))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
  }
  const audits = (async () => {
    for (let n = 0; n < 3; n++) auditsDuring.push(await fresh.store.economy.audit())
  })()
  await Promise.all([audits, ...Array.from({ length: clients }, client)])
  const { report, ...rest } = await inspect(fresh, group)
  await then({
    report,
    auditsDuring,
    ...rest,
    outcomes,
    transactions: report.transactions,
    replay: async () => {
      const left = [...group.requests]
      let otherAnswers = 0
      const repeatAll = async (): Promise<void> => {
        for (let one = left.pop(); one !== undefined; one = left.pop()) if (!isDeepStrictEqual(await one.repeat(), one.answer)) otherAnswers += 1
      }
      await Promise.all(Array.from({ length: clients }, repeatAll))
      const after = await inspect(fresh, group)
      const changed = !isDeepStrictEqual({ ...after, report: { ...after.report, at: 0 } }, { ...rest, report: { ...report, at: 0 } })
      return { requests: group.requests.length, otherAnswers, changed }
    },
  })
}

const frequent = acts.flatMap((act) => (act === 'offer' || act === 'confirm' || act === 'take' || act === 'bid' ? [act, act, act] : [act]))

function randomStep(random: Random, people: number) {
  const below = (limit: number): number => Math.floor(random() * limit)
  return { act: frequent[below(frequent.length)] ?? 'sweep', who: below(people), n: below(20), m: below(20) } as const
}

function ignoreIf(tolerant: boolean): (error: unknown) => string {
  return (error) => {
    if (!tolerant) throw error
    return 'error'
  }
}

/** Audits the database and compares it with the answers that clients got. */
async function inspect(
  fresh: Awaited<ReturnType<typeof freshStore>>,
  group: TradingGroup,
): Promise<Pick<StressResult, 'report' | 'clientRecords' | 'deadlocks'>> {
  const report = await fresh.store.economy.audit()
  const client = new pg.Client({ connectionString: fresh.url })
  await client.connect()
  try {
    const present = new Set((await client.query<{ id: string }>('SELECT id FROM items')).rows.map(({ id }) => id))
    const expected = new Set([...group.made].filter((id) => !group.used.has(id)))
    const sales = await client.query<{ price: number }>("SELECT (note->>'price')::int AS price FROM transactions WHERE note ? 'price'")
    const cuts = sales.rows.reduce((sum, { price }) => sum + Math.floor(price * auctionCut), 0)
    const deadlocks = await client.query<{ deadlocks: string }>('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()')
    return {
      report,
      clientRecords: {
        unknown: [...present].filter((id) => !expected.has(id)).length,
        missing: [...expected].filter((id) => !present.has(id)).length,
        coins: report.money - (group.money - cuts),
      },
      deadlocks: Number(deadlocks.rows[0]?.deadlocks),
    }
  } finally {
    await client.end()
  }
}
