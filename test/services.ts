import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../local/services/postgres.ts'
import { startRedis } from '../local/services/redis.ts'
import { stopWithParent } from '../local/services/stopSignal.ts'

/**
 * Vitest's global set-up starts one PostgreSQL and one Redis for all test files, with the code of `npm start`. The workers inherit
 * DATABASE_URL and REDIS_URL; a server that the environment names already is used instead. Both servers stop when this process ends.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'strata-test-'))
  stopWithParent()
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
