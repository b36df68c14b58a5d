import type { Clock } from '../model/clock.ts'
import { defined } from '../model/defined.ts'
import { migrate } from '../store/database/migrate.ts'
import { createStore } from '../store/postgresStore.ts'
import { freshDatabase } from './freshDatabase.ts'

/** Opens a store on a new, empty database. */
export async function freshStore({
  clock,
}: {
  clock?: Clock
} = {}): Promise<AsyncDisposable & { store: Awaited<ReturnType<typeof createStore>>; url: string }> {
  const stack = new AsyncDisposableStack()
  const { url } = stack.use(await freshDatabase())
  await migrate(url)
  const store = stack.use(await createStore(defined({ url, clock })))
  return { store, url, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
