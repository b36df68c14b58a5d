import { expect, it } from 'vitest'
import { faultsOf, noFaults } from './auditFaults.ts'
import type { Query } from './faultyDatabase.ts'
import { type Stress, stressTest } from './stress.ts'

it('M1: 64 concurrent clients with breaking connections lose and duplicate nothing, and repeated requests change nothing', { timeout: 240_000 }, async () => {
  await stressTest(
    { seed: Number(process.env['ECONOMY_SEED'] ?? 64), clients: 64, people: 24, stepsEach: Number(process.env['ECONOMY_STEPS'] ?? 8), faultShare: 0.005 },
    async ({ report, auditsDuring, clientRecords, deadlocks, outcomes, replay }) => {
      expect(faultsOf(report)).toEqual(noFaults)
      for (const one of auditsDuring) expect(faultsOf(one)).toEqual(noFaults)
      expect(clientRecords).toEqual({ unknown: 0, missing: 0, coins: 0 })
      expect(deadlocks).toBe(0)
      // Most requests must succeed, so that the test exercises real transfers.
      expect(outcomes.get('ok')).toBeGreaterThan(200)
      expect(await replay()).toMatchObject({ otherAnswers: 0, changed: false })
    },
  )
})

/** The item moves of the statement that writes a transaction. Undefined for other statements. */
const moved = ({ text, values }: Query): { item: string; kind: string; giver: string; taker: string }[] | undefined =>
  text.includes('SELECT post_transaction(') ? JSON.parse(String(values.find((value) => String(value).startsWith('[{"item"')) ?? '[]')) : undefined

const bugs: Record<string, Pick<Stress, 'corrupt' | 'breakWrite'>> = {
  'an item removed before the commit': {
    corrupt(query) {
      const moves = moved(query)?.filter(({ giver, taker }) => giver !== 'world' && taker !== 'world')
      if (moves === undefined || moves.length === 0) return undefined
      return { elsewhere: { text: 'DELETE FROM items WHERE id = ANY($1::text[])', values: [moves.map(({ item }) => item)] } }
    },
    breakWrite: (definition) =>
      definition.replace(
        /UPDATE items i SET holder = m\.taker FROM m WHERE [^)]*? RETURNING i\.id/,
        "INSERT INTO items (id, kind, holder) SELECT item, kind, taker FROM m WHERE giver <> 'world' AND taker <> 'world' RETURNING id",
      ),
  },
  'an item copied before the commit': {
    corrupt(query) {
      const [move] = moved(query) ?? []
      const copy = 'INSERT INTO items (id, kind, holder) SELECT gen_random_uuid()::text, $1, id FROM accounts WHERE id = $2'
      return move === undefined ? undefined : { elsewhere: { text: copy, values: [move.kind, move.taker] } }
    },
  },
  'a payer who is not charged': {
    breakWrite: (definition) => definition.replace('WHERE accounts.id = p.account', 'WHERE accounts.id = p.account AND p.amount > 0'),
  },
  'an escrow that is read as empty': {
    corrupt({ text, values }) {
      const changed = text.replace(/^(select "id", "kind" from "items" where "holder" = \$1)/, '$1 and false')
      return changed === text ? undefined : { instead: { text: changed, values } }
    },
  },
  'a used item that is not deleted': {
    breakWrite: (definition) => definition.replace('DELETE FROM items i USING m', 'UPDATE items i SET kind = i.kind FROM m'),
  },
  'a request whose key is not stored': {
    corrupt: ({ text, values }) =>
      text.startsWith('insert into "requests"') ? { instead: { text, values: [values[0], `other ${Math.random()}`, ...values.slice(2)] } } : undefined,
  },
}

it.each(Object.keys(bugs))('M1: the audit or the client records detect %s', { timeout: 180_000 }, async (name) => {
  let found = false
  for (let seed = 1; seed <= 10 && !found; seed++) {
    await stressTest({ seed, clients: 8, people: 5, stepsEach: 12, faultShare: 0.04, tolerant: true, ...bugs[name] }, async ({ report, clientRecords }) => {
      const { findings: _findings, ...counts } = faultsOf(report)
      found = Object.values({ ...counts, ...clientRecords }).some((count) => count !== 0)
    })
  }
  expect(found).toBe(true)
})
