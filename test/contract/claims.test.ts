import { MemoryStore } from '../../simulate/faults/standins/memoryStore.ts'
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
