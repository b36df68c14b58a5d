import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runStorm } from '../../bench/queue/storm.ts'
import { migrate } from '../../store/database/migrate.ts'
import { freshDatabase } from '../freshDatabase.ts'

const PLAYERS = 1_200
const SEATS = 200

it('Q1, S3: a login storm over three matchmaker processes, one killed during arrivals and one during promotions, keeps the exact order, loses nobody and exceeds no cap', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'strata-storm-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const { url: databaseUrl } = stack.use(await freshDatabase())
  await migrate(databaseUrl)
  const environment = { databaseUrl, redisUrl: process.env['REDIS_URL'] ?? '', folder, prefix: `storm-${randomUUID()}:` }
  const result = await runStorm({ players: PLAYERS, copies: 2, seatsPerCopy: SEATS / 2, matchmakers: 3, stayMs: 1_000, pollMs: 2_000, seed: 7 }, environment)
  expect(result).toMatchObject({ orderViolations: 0, promotedWithoutSeat: 0, lost: 0, tooLate: 0, overCap: 0, fullestCopy: SEATS / 2 })
  expect(result.seatedAtOnce + result.queued).toBe(PLAYERS)
  expect(result.promoted + result.gaveUp).toBe(result.queued + result.gaveUpPromoted)
  expect(result.killed.map((one) => one.while)).toEqual(['people arrive', 'the line moves up'])
}, 120_000)
