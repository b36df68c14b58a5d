import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStates } from '../../docs/how-to/extend/fileStates.ts'
import { MemoryStore } from '../../simulate/faults/standins/memoryStore.ts'
import { withCharacterStates } from '../../store/states/withCharacterStates.ts'
import { freshStore } from '../freshStore.ts'
import { makeCharacter } from '../people.ts'
import { claimsContract } from './claims.ts'

claimsContract('memory', async () => {
  const store = new MemoryStore()
  const addCharacter = async (name: string) => store.addCharacter({ name, language: 'en' }).character
  return { store, addCharacter, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
})

claimsContract('PostgreSQL', async () => {
  const fresh = await freshStore()
  const addCharacter = async (name: string) => (await makeCharacter(fresh.store, { name })).character
  return { store: fresh.store, addCharacter, [Symbol.asyncDispose]: () => fresh[Symbol.asyncDispose]() }
})

claimsContract('PostgreSQL with states in files', async () => {
  const stack = new AsyncDisposableStack()
  const fresh = stack.use(await freshStore())
  const folder = await mkdtemp(join(tmpdir(), 'strata-states-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const addCharacter = async (name: string) => (await makeCharacter(fresh.store, { name })).character
  return { store: withCharacterStates(fresh.store, fileStates(folder), console), addCharacter, [Symbol.asyncDispose]: () => stack.disposeAsync() }
})
