import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runStorm, type StormOptions, type StormResult } from '../../bench/queue/storm.ts'
import { migrate } from '../../store/database/migrate.ts'
import { freshDatabase } from '../freshDatabase.ts'

const PLAYERS = 1_200
const SEATS = 200

/** A storm on a database and keys of its own. */
async function storm(options: StormOptions): Promise<StormResult> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'strata-storm-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const { url: databaseUrl } = stack.use(await freshDatabase())
  await migrate(databaseUrl)
  const environment = { databaseUrl, redisUrl: process.env['REDIS_URL'] ?? '', folder, prefix: `storm-${randomUUID()}:` }
  return await runStorm(options, environment)
}

it('Q1, S3: a login storm over three matchmaker processes, one killed during arrivals and one during promotions, keeps the exact order, loses nobody and exceeds no cap', async () => {
  const result = await storm({ players: PLAYERS, partyShare: 0, copies: 2, seatsPerCopy: SEATS / 2, matchmakers: 3, stayMs: 1_000, pollMs: 2_000, seed: 7 })
  expect(result).toMatchObject({ orderViolations: 0, promotedWithoutSeat: 0, lost: 0, tooLate: 0, overCap: 0, fullestCopy: SEATS / 2 })
  expect(result.seatedAtOnce + result.queued).toBe(PLAYERS)
  expect(result.promoted + result.gaveUp).toBe(result.queued + result.gaveUpPromoted)
  expect(result.killed.map((one) => one.while)).toEqual(['people arrive', 'the line moves up'])
}, 120_000)

it('Q1, P1, S3: in a storm with parties of 2 to 5, parties get their seats in one copy, no single is passed over, and the waits of both are measured', async () => {
  const result = await storm({ players: 600, partyShare: 0.4, copies: 4, seatsPerCopy: 30, matchmakers: 2, stayMs: 1_000, pollMs: 2_000, seed: 11 })
  expect(result).toMatchObject({ orderViolations: 0, promotedWithoutSeat: 0, lost: 0, tooLate: 0, overCap: 0 })
  expect(result.logins).toBeLessThan(560)
  expect(result.seatedAtOnce + result.queued).toBe(result.logins)
  expect(result.parties.places).toBeGreaterThan(30)
  expect(result.singles.places).toBeGreaterThan(200)
  for (const { p50, p99 } of [result.singles, result.parties]) {
    expect(p50).toBeGreaterThan(0)
    expect(p99).toBeGreaterThanOrEqual(p50)
    expect(p99).toBeLessThanOrEqual(result.totalSeconds)
  }
}, 120_000)
