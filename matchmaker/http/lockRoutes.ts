import { locksResponse } from '../../model/wire/matchmaker.ts'
import type { HttpApp } from '../../service/http.ts'
import { characterGuard, type GuardOptions, sessionIn } from '../access/guard.ts'
import type { Parts } from '../parts.ts'
import { routesFor } from './route.ts'

/** Game servers take locks in the store (`Records.takeLocks`). This route lists those of the player. */
export function lockRoutes(app: HttpApp, { store, clock }: Parts, guard: GuardOptions): void {
  app.get(
    '/v1/locks',
    routesFor(characterGuard(guard), 'session')('Locks of the character, such as bosses and chests, in all copies, with their expiry.', locksResponse),
    async (request) => ({ locks: await store.locksOf(sessionIn(request).character, clock.now()) }),
  )
}
