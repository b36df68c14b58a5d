import pg from 'pg'
import { afterAll, expect, it } from 'vitest'
import { migrate } from '../../store/database/migrate.ts'
import { createStore } from '../../store/postgresStore.ts'
import { freshDatabase } from '../freshDatabase.ts'
import { makeCharacter } from '../people.ts'

const stack = new AsyncDisposableStack()
afterAll(() => stack.disposeAsync())

it('X1: economy requests that all wait for a lock delay no placement and no save', { timeout: 60_000 }, async () => {
  const { url } = stack.use(await freshDatabase())
  await migrate(url)
  const store = stack.use(await createStore({ url, poolSize: 4 }))
  const { character } = await makeCharacter(store, { name: 'Pool Ada' })
  const { epoch } = await store.claim(character, { copy: 'copy-1', server: 'server-1' })
  const blocker = new pg.Client({ connectionString: url })
  await blocker.connect()
  stack.defer(() => blocker.end())
  await blocker.query('BEGIN')
  await blocker.query('LOCK TABLE guild_invitations IN ACCESS EXCLUSIVE MODE')
  const waiting = Array.from({ length: 20 }, () => store.economy.guildInvitations(character))
  await new Promise((resolve) => setTimeout(resolve, 200))
  const began = performance.now()
  expect((await store.profile(character))?.name).toBe('Pool Ada')
  expect(await store.save(character, epoch, { gold: 1 }, 1)).toBe(true)
  // Each waiting request has a deadline of 5 s; a save on the same connections would wait as long.
  expect(performance.now() - began).toBeLessThan(4_000)
  await blocker.query('ROLLBACK')
  await Promise.all(waiting)
})
