import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import pg from 'pg'
import { VirtualClock } from '../../model/clock.ts'
import { type AuditReport, auctionCut } from '../../model/economy.ts'
import { type Random, seededRandom } from '../../model/random.ts'
import { createEconomy } from '../../store/economy/postgresEconomy.ts'
import { freshStore } from '../freshStore.ts'
import { type Rig, riggedDatabase } from './rig.ts'
import { acts, Village } from './village.ts'

export interface Storm {
  seed: number
  clients: number
  people: number
  stepsEach: number
  /** Of all statements, how many kill their connection. */
  deadly: number
  falsify?: Rig['falsify']
  /** A broken economy throws whatever it likes. */
  tolerant?: boolean
}

export interface Aftermath {
  report: AuditReport
  /** Of audits taken in the middle of it. */
  meanwhile: AuditReport[]
  /** What the clients' own books say besides: things in the world that nobody was told of, things that are gone, coins too many or too few. */
  books: { unknown: number; missing: number; coins: number }
  deadlocks: number
  outcomes: Map<string, number>
  transactions: number
  /** Asks everything once more; returns how many got another answer, and whether anything changed. */
  replay(): Promise<{ asked: number; otherAnswers: number; changed: boolean }>
}

/** Many clients at once who deal with each other, on a database of their own, while connections die. */
export async function storm(
  { seed, clients, people, stepsEach, deadly, falsify, tolerant = false }: Storm,
  then: (aftermath: Aftermath) => Promise<void>,
): Promise<void> {
  const clock = new VirtualClock(1_700_000_000_000)
  const random = seededRandom(seed)
  await using fresh = await freshStore({ clock })
  const rig: Rig = {
    fate: async () => {
      for (let turns = Math.floor(random() ** 4 * 6); turns > 0; turns--) await new Promise(setImmediate)
      if (random() >= deadly) return 'goes well'
      return random() < 0.5 ? 'before' : 'after'
    },
    ...(falsify === undefined ? {} : { falsify }),
  }
  await using database = riggedDatabase(fresh.url, rig, 16)
  const village = await Village.found(fresh.store, createEconomy({ db: database.db, clock, newId: randomUUID }), clock, 'village', people)
  const outcomes = new Map<string, number>()
  const meanwhile: AuditReport[] = []
  for (let who = 0; who < people; who++) for (let n = 0; n < 3; n++) await village.step({ act: 'grant', who, n, m: 20 }).catch(ignoreIf(tolerant))
  const client = async (): Promise<void> => {
    for (let n = 0; n < stepsEach; n++) {
      const outcome = await village.step(chance(random, people)).catch(ignoreIf(tolerant))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
  }
  const looking = (async () => {
    for (let n = 0; n < 3; n++) meanwhile.push(await fresh.store.economy.audit())
  })()
  await Promise.all([looking, ...Array.from({ length: clients }, client)])
  const { report, ...rest } = await look(fresh, village)
  await then({
    report,
    meanwhile,
    ...rest,
    outcomes,
    transactions: report.transactions,
    replay: async () => {
      const left = [...village.asked]
      let otherAnswers = 0
      const asker = async (): Promise<void> => {
        for (let one = left.pop(); one !== undefined; one = left.pop()) if (!isDeepStrictEqual(await one.again(), one.answer)) otherAnswers += 1
      }
      await Promise.all(Array.from({ length: clients }, asker))
      const after = await look(fresh, village)
      const changed = !isDeepStrictEqual({ ...after, report: { ...after.report, at: 0 } }, { ...rest, report: { ...report, at: 0 } })
      return { asked: village.asked.length, otherAnswers, changed }
    },
  })
}

const frequent = acts.flatMap((act) => (act === 'offer' || act === 'confirm' || act === 'take' || act === 'bid' ? [act, act, act] : [act]))

function chance(random: Random, people: number) {
  const below = (limit: number): number => Math.floor(random() * limit)
  return { act: frequent[below(frequent.length)] ?? 'tidy', who: below(people), n: below(20), m: below(20) } as const
}

function ignoreIf(tolerant: boolean): (error: unknown) => string {
  return (error) => {
    if (!tolerant) throw error
    return 'broken'
  }
}

/** The database's own word, the clients' books beside it. */
async function look(fresh: Awaited<ReturnType<typeof freshStore>>, village: Village): Promise<Pick<Aftermath, 'report' | 'books' | 'deadlocks'>> {
  const report = await fresh.store.economy.audit()
  const client = new pg.Client({ connectionString: fresh.url })
  await client.connect()
  try {
    const there = new Set((await client.query<{ id: string }>('SELECT id FROM items')).rows.map(({ id }) => id))
    const expected = new Set([...village.made].filter((id) => !village.used.has(id)))
    const sales = await client.query<{ price: number }>("SELECT (note->>'price')::int AS price FROM transactions WHERE note ? 'price'")
    const cuts = sales.rows.reduce((sum, { price }) => sum + Math.floor(price * auctionCut), 0)
    const deadlocks = await client.query<{ deadlocks: string }>('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()')
    return {
      report,
      books: {
        unknown: [...there].filter((id) => !expected.has(id)).length,
        missing: [...expected].filter((id) => !there.has(id)).length,
        coins: report.money - (village.money - cuts),
      },
      deadlocks: Number(deadlocks.rows[0]?.deadlocks),
    }
  } finally {
    await client.end()
  }
}
