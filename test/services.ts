import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../local/services/postgres.ts'
import { startRedis } from '../local/services/redis.ts'

/**
 * Vitest's global set-up: a real PostgreSQL and a real Redis for all test files, started by the code of `npm start`.
 * The workers inherit DATABASE_URL and REDIS_URL. Servers that are given by the environment are used as they are.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'strata-test-'))
  const stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  try {
    process.env['DATABASE_URL'] ??= stack.use(await startPostgres({ folder: join(folder, 'postgres'), volatile: true })).url
    const notice = (line: string): void => void process.stderr.write(`${line}\n`)
    process.env['REDIS_URL'] ??= stack.use(await startRedis({ folder: join(folder, 'redis'), volatile: true, notice })).url
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
  return () => stack.disposeAsync()
}
