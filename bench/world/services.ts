import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../../local/services/postgres.ts'
import { startRedis } from '../../local/services/redis.ts'
import { migrate } from '../../store/database/migrate.ts'

/** Starts a PostgreSQL, which writes to disk, and a Redis for one bench, as `npm start` does. `stack` stops both and removes their files. */
export async function startServices(stack: AsyncDisposableStack): Promise<{ redisUrl: string; databaseUrl: string; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'strata-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const { url: databaseUrl } = stack.use(await startPostgres({ folder: join(folder, 'postgres') }))
  const { url: redisUrl } = stack.use(await startRedis({ folder: join(folder, 'redis') }))
  await migrate(databaseUrl)
  return { redisUrl, databaseUrl, folder }
}
