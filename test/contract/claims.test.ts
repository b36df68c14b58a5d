import { MemoryStore } from '../../simulate/faults/standins/memoryStore.ts'
import { freshStore } from '../freshStore.ts'
import { claimsContract } from './claims.ts'

claimsContract('memory', async () => {
  const store = new MemoryStore()
  return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
})

claimsContract('PostgreSQL', freshStore)
