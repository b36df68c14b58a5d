import pg from 'pg'
import { expect, it } from 'vitest'
import { createStore } from '../../store/postgresStore.ts'
import { freshStore } from '../freshStore.ts'
import { makeCharacter } from '../people.ts'

it('claims and saves of a game server do not wait for trades that use all other connections', async () => {
  await using fresh = await freshStore()
  const { character } = await makeCharacter(fresh.store, { name: 'Ann' })
  await using store = await createStore({ url: fresh.url, poolSize: 2 })
  const blocker = new pg.Client(fresh.url)
  await blocker.connect()
  await blocker.query('BEGIN')
  await blocker.query('LOCK TABLE trades IN ACCESS EXCLUSIVE MODE')
  const waiting = Array.from({ length: 8 }, () => store.economy.trade('none').catch(() => undefined))
  const began = performance.now()
  const { epoch } = await store.claim(character, { copy: 'a', server: 'a' })
  expect(await store.saveMany([{ character, epoch, state: {}, stateVersion: 1 }])).toEqual([])
  expect(performance.now() - began).toBeLessThan(1_500)
  await blocker.query('ROLLBACK')
  await blocker.end()
  await Promise.all(waiting)
})
