import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fileStates } from '../../docs/how-to/extend/fileStates.ts'
import { makeCharacter } from '../../test/people.ts'
import { storeOfFile } from '../../test/storeOfFile.ts'
import type { Store } from '../store.ts'
import type { CharacterStates } from './characterStates.ts'
import { withCharacterStates } from './withCharacterStates.ts'

const { store: database } = await storeOfFile()
const at = { copy: 'copy-1', server: 'server-1' }
let folder: string
let files: CharacterStates
let store: Store
/** While set, the game's storage fails. */
let down = false
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-states-'))
  files = fileStates(folder)
  const failing = <T>(call: () => Promise<T>): Promise<T> => (down ? Promise.reject(new Error('no connection')) : call())
  store = withCharacterStates(
    database,
    {
      write: (saves) => failing(() => files.write(saves)),
      load: (...asked) => failing(() => files.load(...asked)),
      forget: (...asked) => files.forget(...asked),
    },
    { warn: (details) => expect(details).toBeUndefined() },
  )
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const newCharacter = async (name: string) => (await makeCharacter(database, { name })).character
const stored = (character: string) => readdir(join(folder, character))

it('S2: the save of a server that lost the character is refused, and what it wrote is never read', async () => {
  const character = await newCharacter('Stale State')
  const first = await store.claim(character, at)
  expect(await store.save(character, first.epoch, { gold: 1 }, 1)).toBe(true)
  const second = await store.claim(character, at)
  expect(second.state).toEqual({ gold: 1 })
  expect(await store.saveMany([{ character, epoch: first.epoch, state: { gold: 999 }, stateVersion: 1 }])).toEqual([character])
  expect((await store.claim(character, at)).state).toEqual({ gold: 1 })
  // Nobody names the version of the stale server any more, so the claim has deleted it.
  await expect.poll(() => stored(character)).toHaveLength(1)
})

it('M2: while the storage fails nothing is released or saved, and the holder stays; a failed claim is repeated by the next login', async () => {
  const character = await newCharacter('Down State')
  const { epoch } = await store.claim(character, at)
  const save = { character, epoch, state: { gold: 2 }, stateVersion: 1 }
  down = true
  await expect(store.release('move-of-down', [save])).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  await expect(store.saveMany([save])).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  down = false
  expect(await store.saveMany([save])).toEqual([])
  expect(await store.release('move-of-down', [save])).toBe(true)
  down = true
  await expect(store.claimReleased(character, 'move-of-down', epoch, at)).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  down = false
  expect((await store.claim(character, at)).state).toEqual({ gold: 2 })
})

it('a state that was saved in PostgreSQL before is read, and the next save goes to the storage', async () => {
  const character = await newCharacter('Older State')
  const { epoch } = await database.claim(character, at)
  await database.leave(character, epoch, { gold: 3 }, 4)
  const claim = await store.claim(character, at)
  expect(claim).toMatchObject({ state: { gold: 3 }, stateVersion: 4 })
  await store.leave(character, claim.epoch, { gold: 4 }, 4)
  expect((await database.claim(character, at)).state).toEqual({ $storedAs: { epoch: claim.epoch, revision: expect.any(Number) } })
})

it('old versions are deleted: a character that is saved a hundred times keeps 21', async () => {
  const character = await newCharacter('Often State')
  const { epoch } = await store.claim(character, at)
  for (let n = 0; n < 100; n++) await store.saveMany([{ character, epoch, state: { n }, stateVersion: 1 }])
  await expect.poll(() => stored(character)).toHaveLength(21)
  expect((await store.claim(character, at)).state).toEqual({ n: 99 })
  await expect.poll(() => stored(character)).toHaveLength(1)
})
