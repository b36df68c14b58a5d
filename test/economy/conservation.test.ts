import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { VirtualClock } from '../../model/clock.ts'
import { createEconomy } from '../../store/economy/postgresEconomy.ts'
import type { PostgresStore } from '../../store/postgresStore.ts'
import { freshStore } from '../freshStore.ts'
import { faultsOf, sound } from './auditor.ts'
import { type Fate, type Rig, riggedDatabase } from './rig.ts'
import { acts, type Step, Village } from './village.ts'

const clock = new VirtualClock(1_700_000_000_000)
let fresh: Awaited<ReturnType<typeof freshStore>>
let store: PostgresStore
beforeAll(async () => {
  fresh = await freshStore({ clock })
  store = fresh.store
})
afterAll(async () => fresh[Symbol.asyncDispose]())

let villages = 0
const step: fc.Arbitrary<Step> = fc.record({ act: fc.constantFrom(...acts), who: fc.nat(2), n: fc.nat(20), m: fc.nat(20) })
/** Everybody has something to begin with, and trades are common enough to be finished. */
const opening: Step[] = [0, 1, 2].flatMap((who) => [
  { act: 'grant', who, n: 0, m: 20 },
  { act: 'grant', who, n: 0, m: 20 },
])
const steps = fc.array(step, { minLength: 10, maxLength: 25 }).map((some) => [...opening, ...some])
/** Where connections die: at so many statements after the last time. */
const accidents = fc.array(fc.record({ after: fc.nat(25), fate: fc.constantFrom<Fate>('before', 'after') }), { minLength: 1, maxLength: 20 })

it('M1: whatever connections die at whatever statement, all is as if none had died; and all asked again changes nothing', { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(steps, accidents, async (story, plan) => {
      const left = [...plan]
      let wait = left[0]?.after ?? 0
      const rig: Rig = {
        fate: () => {
          if (left.length === 0 || wait-- > 0) return 'goes well'
          const { fate } = left.shift() ?? { fate: 'goes well' as const }
          wait = left[0]?.after ?? 0
          return fate
        },
      }
      await using database = riggedDatabase(fresh.url, rig)
      const unlucky = createEconomy({ db: database.db, clock, newId: randomUUID })
      const lucky = await play(story, store.economy)
      const cut = await play(story, unlucky)
      expect(cut.outcomes).toEqual(lucky.outcomes)
      expect(cut.wealth).toEqual(lucky.wealth)
      for (const { answer, again } of cut.village.asked) expect(await again()).toEqual(answer)
      expect(await cut.village.wealth()).toEqual(cut.wealth)
      expect(faultsOf(await store.economy.audit())).toEqual(sound)
    }),
    { numRuns: Number(process.env['ECONOMY_RUNS'] ?? 5) },
  )
})

async function play(story: readonly Step[], economy: PostgresStore['economy']) {
  const village = await Village.found(store, economy, clock, `village ${++villages}`, 3)
  const outcomes: string[] = []
  for (const one of story) outcomes.push(await village.step(one))
  return { village, outcomes, wealth: await village.wealth() }
}
