import { StrataError } from '../../model/errors.ts'
import type { ServerId } from '../../model/ids.ts'
import type { Logger } from '../../service/log.ts'
import type { Store } from '../../store/store.ts'
import { PeriodicTask } from './periodicTask.ts'

/** Interval in ms between two renewals. Another process may take the name after three minutes without one: longer than a failover of the database. */
const RENEW_EVERY_MS = 30_000

interface Registration {
  store: Pick<Store, 'registerServer' | 'unregisterServer'>
  server: ServerId
  publicKey: string
  log: Logger
  /** The database could not be reached for minutes, and another process has the name now: this server cannot claim any more. */
  onLost: () => void
}

/** Registers this server, without which it may not claim characters, and keeps it registered. Throws SERVER_NAME_TAKEN. */
export async function keepRegistered({ store, server, publicKey, log, onLost }: Registration): Promise<AsyncDisposable> {
  await store.registerServer(server, publicKey)
  const renewal = new PeriodicTask('renewing the registration of this server', RENEW_EVERY_MS, log, async () => {
    try {
      await store.registerServer(server, publicKey)
    } catch (error) {
      if (error instanceof StrataError && error.code === 'SERVER_NAME_TAKEN') onLost()
      throw error
    }
  })
  return {
    async [Symbol.asyncDispose]() {
      await renewal[Symbol.asyncDispose]()
      await store
        .unregisterServer(server)
        .catch((error: unknown) => log.warn({ err: error }, 'could not remove the registration of this server; its name is free in three minutes'))
    },
  }
}
