import { afterAll } from 'vitest'
import { freshStore } from './freshStore.ts'

/** A store on a new, empty database for all tests of the file that calls this. It is closed after the last test. */
export async function storeOfFile(options?: Parameters<typeof freshStore>[0]): ReturnType<typeof freshStore> {
  const fresh = await freshStore(options)
  afterAll(() => fresh[Symbol.asyncDispose]())
  return fresh
}
