import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { expect, it } from 'vitest'
import { HEALTH_MAX } from '../../gameserver/demo/combat/vitals.ts'
import { grantOwed } from '../../gameserver/demo/grants.ts'
import { DEMO_STATE_VERSION, type DemoState, demoSteps } from '../../gameserver/demo/state.ts'
import { migrateState } from '../../gameserver/zone/residents/state/migrateState.ts'
import { fromStored } from '../../gameserver/zone/residents/state/storedState.ts'
import { migrate, migrateTo } from '../../store/database/migrate.ts'
import { createStore } from '../../store/postgresStore.ts'
import { freshDatabase } from '../freshDatabase.ts'
import { faultsOf, noFaults } from './auditFaults.ts'

it('M1: characters of release 1 are migrated when read, and their counted resources become items once', async () => {
  await using fresh = await freshDatabase()
  await migrateTo(fresh.url, '0003_decisions')
  await run(fresh.url, await readFile(join(import.meta.dirname, 'fixtures/release-1.sql'), 'utf8'))
  await migrate(fresh.url)
  await using store = await createStore({ url: fresh.url })
  const at = { copy: 'forest-1', server: 's1' }
  const read = async (character: string) => {
    const claim = await store.claim(character, at)
    const { game, lastInput } = fromStored(claim)
    return { claim, lastInput, state: migrateState(game, { steps: demoSteps, from: claim.stateVersion, to: DEMO_STATE_VERSION }) as DemoState }
  }
  const ada = await read('old-ada')
  expect(ada).toMatchObject({
    claim: { epoch: 42, stateVersion: 1 },
    lastInput: 7,
    state: { map: 'forest', x: 12.5, gathered: { wood: 3, ore: 1 }, vitals: { health: HEALTH_MAX } },
  })
  // Simulates a crash before the first save: the second read asks for the same items again.
  for (const { state } of [ada, await read('old-ada')]) for (const owed of state.owed) await grantOwed(store.economy, 'old-ada', owed)
  const bag = await store.economy.holdings('old-ada')
  expect(bag.items.map(({ kind }) => kind).sort()).toEqual(['ore', 'wood', 'wood', 'wood'])
  expect((await read('old-bob')).state.owed[0]?.kinds).toHaveLength(200)
  expect((await store.profile('old-ada'))?.friends).toEqual(['old-bob'])
  expect(await store.economy.guildMembers('guild-1')).toMatchObject([{ character: 'old-ada', rank: 'leader' }, { rank: 'member' }])
  expect(await store.decisionsFor('old-ada', 5)).toMatchObject([{ id: 'decision-1' }])
  expect(faultsOf(await store.economy.audit())).toEqual(noFaults)
})

async function run(url: string, script: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(script)
  } finally {
    await client.end()
  }
}
