import { createStore } from '../store/postgresStore.ts'
import type { Store } from '../store/store.ts'
import { freshDatabase } from './freshDatabase.ts'

/** A store on an empty database of its own. */
export async function freshStore(): Promise<AsyncDisposable & { store: Store; url: string }> {
  const stack = new AsyncDisposableStack()
  const { url } = stack.use(await freshDatabase())
  const store = stack.use(await createStore({ url }))
  return { store, url, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
