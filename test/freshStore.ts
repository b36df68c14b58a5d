import type { Clock } from '../model/clock.ts'
import { createStore } from '../store/postgresStore.ts'
import { freshDatabase } from './freshDatabase.ts'

/** A store on an empty database of its own. */
export async function freshStore({
  clock,
}: {
  clock?: Clock
} = {}): Promise<AsyncDisposable & { store: Awaited<ReturnType<typeof createStore>>; url: string }> {
  const stack = new AsyncDisposableStack()
  const { url } = stack.use(await freshDatabase())
  const store = stack.use(await createStore({ url, ...(clock === undefined ? {} : { clock }) }))
  return { store, url, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
