import pg from 'pg'
import { expect, it } from 'vitest'
import type { Epoch } from '../model/ids.ts'
import { freshDatabase } from '../test/freshDatabase.ts'
import { makeCharacter } from '../test/people.ts'
import { storeOfFile } from '../test/storeOfFile.ts'
import { migrate } from './database/migrate.ts'
import { createStore } from './postgresStore.ts'

const { store } = await storeOfFile()

const at = { copy: 'copy-1', server: 'server-1' }
let made = 0
const newCharacter = async (): Promise<string> => {
  made += 1
  return (await makeCharacter(store, { name: `Hero ${made}` })).character
}
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index))

it('S1: 32 concurrent claims get 32 different epochs', async () => {
  const character = await newCharacter()
  const claims = await Promise.all(times(32, () => store.claim(character, at)))
  expect(claims.map(({ epoch }) => epoch).sort((a, b) => a - b)).toEqual(times(32, (index) => index + 1))
})

it('S2: of 32 concurrent saves only that of the newest epoch is stored; the others return false', async () => {
  const character = await newCharacter()
  const claims = await Promise.all(times(32, () => store.claim(character, at)))
  const saved = await Promise.all(claims.map(async ({ epoch }) => ({ epoch, done: await store.save(character, epoch, { by: epoch }, 1) })))
  expect(saved.filter(({ done }) => done)).toEqual([{ epoch: 32, done: true }])
  const left = await Promise.all(claims.map(async ({ epoch }) => ({ epoch, done: await store.leave(character, epoch, { left: epoch }, 1) })))
  expect(left.filter(({ done }) => done)).toEqual([{ epoch: 32, done: true }])
  expect((await store.claim(character, at)).state).toEqual({ left: 32 })
})

it('S1: exactly one of 32 concurrent claims of a released character succeeds', async () => {
  const character = await newCharacter()
  const { epoch } = await store.claim(character, at)
  expect(await store.release('move-1', [{ character, epoch, state: { gold: 7 }, stateVersion: 2 }])).toBe(true)
  const claims = await Promise.all(times(32, () => store.claimReleased(character, 'move-1', epoch, at)))
  expect(claims.filter((claim) => claim !== undefined)).toEqual([{ epoch: epoch + 1, state: { gold: 7 }, stateVersion: 2 }])
})

it('S1: a login takes a character during a move, and the move cannot claim it afterwards', async () => {
  const character = await newCharacter()
  const { epoch } = await store.claim(character, at)
  await store.release('move-2', [{ character, epoch, state: null, stateVersion: 1 }])
  expect((await store.claim(character, at)).epoch).toBe(epoch + 1)
  expect(await store.claimReleased(character, 'move-2', epoch, at)).toBeUndefined()
  expect(await store.claimReleased(character, 'move-2', epoch + 1, at)).toBeUndefined()
})

it('S2: after a release or a leave the old holder cannot write', async () => {
  const [moved, gone] = [await newCharacter(), await newCharacter()]
  const claims = { moved: await store.claim(moved, at), gone: await store.claim(gone, at) }
  await store.release('move-3', [{ character: moved, epoch: claims.moved.epoch, state: 'final', stateVersion: 1 }])
  await store.leave(gone, claims.gone.epoch, 'final', 1)
  const late = [moved, gone].map((character) => ({ character, epoch: 1, state: 'late', stateVersion: 1 }))
  expect(await store.save(moved, 1, 'late', 1)).toBe(false)
  expect(await store.leave(moved, 1, 'late', 1)).toBe(false)
  expect((await store.saveMany(late)).toSorted()).toEqual([moved, gone].toSorted())
  expect(await store.release('move-4', late)).toBe(false)
  expect((await store.claim(moved, at)).state).toBe('final')
  expect((await store.claim(gone, at)).state).toBe('final')
})

it('S2: saveMany writes the characters with the current epoch and returns the others', async () => {
  const characters = await Promise.all(times(50, () => newCharacter()))
  await Promise.all(characters.map((character) => store.claim(character, at)))
  const stale = new Set(characters.slice(10, 15))
  await Promise.all([...stale].map((character) => store.claim(character, at)))
  const lost = await store.saveMany(characters.map((character) => ({ character, epoch: 1, state: { saved: true }, stateVersion: 3 })))
  expect(new Set(lost)).toEqual(stale)
  const [first, , , , , , , , , , tenth] = await Promise.all(characters.map((character) => store.claim(character, at)))
  expect(first).toEqual({ epoch: 2, state: { saved: true }, stateVersion: 3 })
  expect(tenth?.state).toBeNull()
})

it('P1: a party is released as one or not at all (M2: after a failed release its members can still be saved)', async () => {
  const party = await Promise.all(times(5, () => newCharacter()))
  await Promise.all(party.map((character) => store.claim(character, at)))
  await store.claim(party[3] ?? '', at)
  const saves = party.map((character) => ({ character, epoch: 1, state: 'released', stateVersion: 1 }))
  expect(await store.release('move-5', saves)).toBe(false)
  for (const [index, character] of party.entries()) expect(await store.save(character, index === 3 ? 2 : 1, 'still here', 1)).toBe(true)
  expect(await store.claimReleased(party[0] ?? '', 'move-5', 1, at)).toBeUndefined()
  const right = saves.map((save, index) => ({ ...save, epoch: index === 3 ? 2 : 1 }))
  expect(await store.release('move-5', [...right, { character: 'nobody', epoch: 1, state: null, stateVersion: 1 }])).toBe(false)
  expect(await store.release('move-5', right)).toBe(true)
})

it('M2: a release may be repeated; the source can reclaim a character that the destination did not claim', async () => {
  const character = await newCharacter()
  const { epoch } = await store.claim(character, at)
  const saves = [{ character, epoch, state: { gold: 1 }, stateVersion: 1 }]
  expect(await store.release('move-6', saves)).toBe(true)
  expect(await store.release('move-6', saves)).toBe(true)
  expect(await store.release('another move', saves)).toBe(false)
  expect(await store.claimReleased(character, 'move-6', epoch, at)).toEqual({ epoch: epoch + 1, state: { gold: 1 }, stateVersion: 1 })
  expect(await store.release('move-6', saves)).toBe(false)
})

it('M2: a repeated release still says that it was carried out when a member was claimed elsewhere between the two calls', async () => {
  const [one, other] = [await newCharacter(), await newCharacter()]
  const saves = [one, other].map((character) => ({ character, epoch: 1, state: null, stateVersion: 1 }))
  for (const { character } of saves) await store.claim(character, at)
  expect(await store.release('move-7', saves)).toBe(true)
  // The answer was lost, and one of the two logs in.
  const { epoch } = await store.claim(one, at)
  expect(await store.release('move-7', saves)).toBe(true)
  expect(await store.save(one, epoch, 'newer', 1)).toBe(true)
  expect(await store.claimReleased(other, 'move-7', 1, at)).toMatchObject({ epoch: 2 })
  expect(await store.release('move-7', saves)).toBe(false)
})

it('P1: concurrent releases, batch saves and logins neither deadlock nor split a party', { timeout: 30_000 }, async () => {
  const party = await Promise.all(times(6, () => newCharacter()))
  const epochs = new Map<string, Epoch>()
  for (let round = 0; round < 25; round += 1) {
    await Promise.all(party.map(async (character) => epochs.set(character, (await store.claim(character, at)).epoch)))
    const saves = party.map((character) => ({ character, epoch: epochs.get(character) ?? 0, state: { round }, stateVersion: 1 }))
    const reversed = saves.toReversed()
    const intruder = party[round % party.length] ?? ''
    const move = `crossing-${round}`
    const [released] = await Promise.all([
      store.release(move, saves),
      store.saveMany(reversed),
      store.saveMany(saves),
      round % 2 === 0 ? store.claim(intruder, at) : store.save(intruder, epochs.get(intruder) ?? 0, { round }, 1),
      store.saveMany(reversed),
    ])
    const fetched = await Promise.all(saves.map(({ character, epoch }) => store.claimReleased(character, move, epoch, at)))
    const count = fetched.filter((claim) => claim !== undefined).length
    // The party was released as one; the login may have taken one character afterwards.
    if (released) expect(count).toBeGreaterThanOrEqual(party.length - 1)
    else expect(count).toBe(0)
    if (round % 2 === 1) expect({ released, count }).toEqual({ released: true, count: party.length })
  }
})

it('X1: characters that the database refuses do not fail the save of other characters', async () => {
  const [odd, plain] = [await newCharacter(), await newCharacter()]
  await Promise.all([store.claim(odd, at), store.claim(plain, at)])
  const states = { [odd]: { 'na\0me': 'half \ud800 and nul \0', path: 'C:\\u0000' }, [plain]: { name: '🐉' } }
  expect(await store.saveMany([odd, plain].map((character) => ({ character, epoch: 1, state: states[character], stateVersion: 1 })))).toEqual([])
  expect((await store.claim(odd, at)).state).toEqual({ 'na\uFFFDme': 'half \uFFFD and nul \uFFFD', path: 'C:\\u0000' })
  expect((await store.claim(plain, at)).state).toEqual({ name: '🐉' })
})

it('X1: the claim of an unknown character throws CHARACTER_UNKNOWN', async () => {
  await expect(store.claim('nobody', at)).rejects.toMatchObject({ code: 'CHARACTER_UNKNOWN' })
})

it('S1: of all writes only a release and the periodic save do not wait for the disk, and the claim after them does', async () => {
  await using stack = new AsyncDisposableStack()
  const { url } = stack.use(await freshDatabase())
  await migrate(url)
  const owner = new pg.Client(url)
  await owner.connect()
  stack.defer(() => owner.end())
  // Records how each statement commits that writes a character.
  await owner.query(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = on', current_database()); END $$;
    CREATE TABLE commits (waits text);
    CREATE FUNCTION note_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO commits VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
    CREATE TRIGGER note_commit AFTER UPDATE ON characters FOR EACH ROW EXECUTE FUNCTION note_commit()`)
  // One connection, so that a setting that stays would show.
  const one = stack.use(await createStore({ url, poolSize: 1 }))
  const { character } = await makeCharacter(one, { name: 'Ida' })
  const { epoch } = await one.claim(character, at)
  await one.release('move', [{ character, epoch, state: null, stateVersion: 1 }])
  await one.claimReleased(character, 'move', epoch, at)
  expect(await one.saveMany([{ character, epoch: epoch + 1, state: null, stateVersion: 1 }])).toEqual([])
  await one.save(character, epoch + 1, null, 1)
  expect((await owner.query<{ waits: string }>('SELECT waits FROM commits')).rows.map(({ waits }) => waits)).toEqual(['on', 'off', 'on', 'off', 'on'])
})
