import { expect, it } from 'vitest'
import { execute } from '../../test/roleLogin.ts'
import { storeOfFile } from '../../test/storeOfFile.ts'

const { store, url } = await storeOfFile()

const draft = (name: string) => ({ name, languages: ['en'] })
const at = { copy: 'copy-1', server: 'server-1' }

it('an account has at most as many characters as the limit allows, also when requests come at once', async () => {
  await store.accounts.ensureAccount('many')
  const made = await Promise.allSettled(Array.from({ length: 12 }, (_, index) => store.accounts.createCharacter('many', draft(`Many ${index}`), 3)))
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  for (const one of made) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'CHARACTER_LIMIT', details: { limit: 3 } })
  expect(await store.accounts.charactersOf('many')).toHaveLength(3)
})

it('one of many accounts gets a name; names that differ in case, Unicode form or only to a computer are the same', async () => {
  const names = ['Mary', 'MARY', 'ma\u0072y', 'rnary', 'Mаry']
  await Promise.all(names.map((_, index) => store.accounts.ensureAccount(`namesake ${index}`)))
  const made = await Promise.allSettled(names.map((name, index) => store.accounts.createCharacter(`namesake ${index}`, draft(name), 1)))
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const one of made) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'NAME_TAKEN' })
})

it('a character keeps its own name in another case, and cannot take that of another one', async () => {
  await store.accounts.ensureAccount('renamer')
  const { character } = await store.accounts.createCharacter('renamer', draft('Old Name'), 2)
  await store.accounts.createCharacter('renamer', draft('Taken Name'), 2)
  expect((await store.accounts.renameCharacter(character, 'OLD NAME')).name).toBe('OLD NAME')
  await expect(store.accounts.renameCharacter(character, 'taken name')).rejects.toMatchObject({ code: 'NAME_TAKEN' })
})

it('S2: a deleted character cannot be written by the server that holds it, is not found, and its name is free', async () => {
  await store.accounts.ensureAccount('leaver')
  const { character } = await store.accounts.createCharacter('leaver', draft('Gone Soon'), 1)
  const { epoch } = await store.claim(character, at)
  await store.accounts.deleteCharacter(character)
  expect(await store.save(character, epoch, { gold: 1 }, 1)).toBe(false)
  expect(await store.profile(character)).toBeUndefined()
  expect(await store.accounts.ownerOf(character)).toBeUndefined()
  await expect(store.claim(character, at)).rejects.toMatchObject({ code: 'CHARACTER_UNKNOWN' })
  expect((await store.accounts.createCharacter('leaver', draft('Gone Soon'), 1)).name).toBe('Gone Soon')
})

it('X1: nobody can compute the recorded pseudonym of an erased account again, or of a deleted character', async () => {
  await store.accounts.ensureAccount('recorded')
  const [first, second] = await Promise.all(['Rec One', 'Rec Two'].map((name) => store.accounts.createCharacter('recorded', draft(name), 2)))
  const ids = [first, second].flatMap((one) => one?.character ?? [])
  const salts = await store.recordings.recordingSalts(ids)
  expect(new Set(salts.values()).size).toBe(2)
  expect(await store.recordings.recordingSalts(ids)).toEqual(salts)
  await store.accounts.deleteCharacter(ids[0] ?? '')
  expect(await execute(url, 'SELECT character, salt FROM recording_salts')).toEqual([{ character: ids[1], salt: salts.get(ids[1] ?? '') }])
  await store.accounts.eraseAccount('recorded')
  expect(await execute(url, 'SELECT character, salt FROM recording_salts')).toEqual([])
})

it('an erased account leaves no name behind, and keeps its ban', async () => {
  await store.accounts.ensureAccount('erased', 'Real Name')
  const { character } = await store.accounts.createCharacter('erased', draft('Erase Me'), 1)
  await store.accounts.setBan('erased', { until: 2_000_000_000_000, reason: 'cheating' })
  const exported = JSON.stringify(await store.accounts.exportAccount('erased'))
  expect(exported).toContain('Erase Me')
  expect(exported).toContain('Real Name')
  expect(await store.accounts.eraseAccount('erased')).toEqual({ characters: 1 })
  const rest = JSON.stringify(await store.accounts.exportAccount('erased'))
  expect(rest).not.toContain('Erase Me')
  expect(rest).not.toContain('Real Name')
  expect((await store.accounts.account('erased'))?.ban?.until).toBe(2_000_000_000_000)
  expect(await store.profile(character)).toBeUndefined()
})
