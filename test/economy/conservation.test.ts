import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { VirtualClock } from '../../model/clock.ts'
import { createEconomy } from '../../store/economy/postgresEconomy.ts'
import type { PostgresStore } from '../../store/postgresStore.ts'
import { storeOfFile } from '../storeOfFile.ts'
import { faultsOf, noFaults } from './auditFaults.ts'
import { type ConnectionFault, type Faults, openFaultyDatabase } from './faultyDatabase.ts'
import { acts, type Step, TradingGroup } from './tradingGroup.ts'

const clock = new VirtualClock(1_700_000_000_000)
const fresh = await storeOfFile({ clock })
const { store } = fresh

let groups = 0
const step: fc.Arbitrary<Step> = fc.record({ act: fc.constantFrom(...acts), who: fc.nat(2), n: fc.nat(20), m: fc.nat(20) })
/** Every character starts with some money and items. */
const grants: Step[] = [0, 1, 2].flatMap((who) => [
  { act: 'grant', who, n: 0, m: 20 },
  { act: 'grant', who, n: 0, m: 20 },
])
const steps = fc.array(step, { minLength: 10, maxLength: 25 }).map((some) => [...grants, ...some])
/** The connections that break: each after a number of statements since the previous one. */
const faultPlans = fc.array(fc.record({ after: fc.nat(25), connectionFault: fc.constantFrom<ConnectionFault>('before', 'after') }), {
  minLength: 1,
  maxLength: 20,
})

it('M1: broken connections do not change the outcome, and repeated requests change nothing', { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(steps, faultPlans, async (story, plan) => {
      const left = [...plan]
      let wait = left[0]?.after ?? 0
      const faults: Faults = {
        connectionFault: () => {
          if (left.length === 0 || wait-- > 0) return 'none'
          const { connectionFault } = left.shift() ?? { connectionFault: 'none' as const }
          wait = left[0]?.after ?? 0
          return connectionFault
        },
      }
      await using database = openFaultyDatabase(fresh.url, faults)
      const faultyEconomy = createEconomy({ db: database.db, clock, newId: randomUUID })
      const expected = await play(story, store.economy)
      const actual = await play(story, faultyEconomy)
      expect(actual.outcomes).toEqual(expected.outcomes)
      expect(actual.wealth).toEqual(expected.wealth)
      for (const { answer, repeat } of actual.group.requests) expect(await repeat()).toEqual(answer)
      expect(await actual.group.wealth()).toEqual(actual.wealth)
      expect(faultsOf(await store.economy.audit())).toEqual(noFaults)
    }),
    { numRuns: Number(process.env['ECONOMY_RUNS'] ?? 5) },
  )
})

async function play(story: readonly Step[], economy: PostgresStore['economy']) {
  const group = await TradingGroup.create({ store, economy, clock, name: `group ${++groups}` }, 3)
  const outcomes: string[] = []
  for (const one of story) outcomes.push(await group.step(one))
  return { group, outcomes, wealth: await group.wealth() }
}
