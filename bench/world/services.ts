import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../../local/services/postgres.ts'
import { startRedis } from '../../local/services/redis.ts'

/** A Redis and a PostgreSQL of their own for one bench, as `npm start` runs them (the database writes to the disk), gone with `stack`. */
export async function startServices(stack: AsyncDisposableStack): Promise<{ redisUrl: string; databaseUrl: string; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'strata-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const { url: databaseUrl } = stack.use(await startPostgres({ folder: join(folder, 'postgres') }))
  const { url: redisUrl } = stack.use(await startRedis({ folder: join(folder, 'redis') }))
  return { redisUrl, databaseUrl, folder }
}
