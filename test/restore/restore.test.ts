import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { freePort } from '../../local/agones/freePorts.ts'
import { startRedis } from '../../local/services/redis.ts'
import type { SupervisedService } from '../../local/services/supervised.ts'
import { type LocalWorld, startWorld } from '../../local/world.ts'
import { judge } from '../chaos/auditor.ts'
import { withConnection } from '../chaos/copyRunning.ts'
import { until } from '../cluster/world/until.ts'
import { giveGifts, Players } from '../upgrade/players.ts'
import { ARCHIVE_EVERY_S, ArchivedPostgres } from './archivedPostgres.ts'

const PLAYERS = 40
/** Time for which they play in each state of the world, in ms. */
const PLAY_MS = 10_000
/** For how long nothing was archived when the disk is lost, in ms. */
const LAG_MS = 6_000
/** Longest time for all of them to enter, in ms. */
const ENTERED_MS = 90_000
/** Time after the restore within which every player must be back, in ms. */
const BACK_MS = 25_000
const checkout = resolve(import.meta.dirname, '../..')

const play = (): Promise<void> => pause(PLAY_MS)

/** A world on a PostgreSQL that can be backed up and restored, with players who trade. */
interface Played {
  postgres: ArchivedPostgres
  players: Players
  /** Moves the players of a server to others. */
  drainOneServer(): Promise<void>
  /** Stops all processes of Strata; PostgreSQL and Redis go on. */
  stopWorld(): Promise<void>
  /** Starts them again at the same addresses. */
  startWorld(): Promise<void>
  emptyRedis(): Promise<void>
  /** One row of PostgreSQL. */
  row(text: string): Promise<Record<string, unknown>>
}

async function played(stack: AsyncDisposableStack): Promise<Played> {
  const state = await mkdtemp(join(tmpdir(), 'strata-restore-'))
  if (process.env['KEEP_LOGS'] === undefined) stack.defer(() => rm(state, { recursive: true, force: true }))
  const policies = join(state, 'policies')
  await cp('fleets', policies, { recursive: true })
  const log = pino({ level: 'info' }, pino.destination({ dest: join(state, 'supervisor.log'), sync: true }))
  const postgres = stack.use(await ArchivedPostgres.start(join(state, 'postgres')))
  const running = stack.use(await startRedis({ folder: join(state, 'redis') }))
  const redis: SupervisedService = { url: running.url, socketUrl: running.socketUrl, pid: undefined, [Symbol.asyncDispose]: async () => {} }
  const [matchmakerPort, orchestratorPort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')]
  const options = { bots: 0, speed: 1, scale: 1, seed: 1, fresh: false, view: false, state, policies, matchmakerPort, orchestratorPort }
  let world: LocalWorld | undefined
  const startAgain = async (): Promise<void> => {
    const services = { postgres: postgres.asService(), redis }
    world = await startWorld({ ...options, services }, () => undefined, log, new AbortController().signal)
  }
  stack.defer(async () => world?.[Symbol.asyncDispose]())
  await startAgain()
  const players = stack.use(new Players({ release: checkout, matchmaker: `http://127.0.0.1:${matchmakerPort}`, folder: state, count: PLAYERS }))
  await until('the players are in the world', async () => (await players.names()).size === PLAYERS || (await players.names()).size, ENTERED_MS)
  await giveGifts(postgres.url, await players.names())
  await play()
  return {
    postgres,
    players,
    startWorld: startAgain,
    async drainOneServer() {
      const [copy] = [...(world?.replica.census().maps.values() ?? [])].flatMap(({ copies }) => [...copies.values()]).filter(({ seats }) => seats.size > 0)
      const headers = { authorization: `Bearer ${world?.operatorToken}`, 'content-type': 'application/json' }
      const body = JSON.stringify({ server: copy?.copy.server, reason: 'maintenance' })
      const answer = await fetch(`${world?.orchestratorUrl}/v1/drain`, { method: 'POST', headers, body })
      if (!answer.ok) throw new Error(await answer.text())
    },
    async stopWorld() {
      await world?.[Symbol.asyncDispose]()
      world = undefined
    },
    async emptyRedis() {
      const client = new Redis(running.url)
      await client.flushall()
      client.disconnect()
    },
    row: (text) => withConnection(postgres.url, async (query) => (await query(text))[0] ?? {}),
  }
}

const TRANSACTIONS = 'SELECT count(*)::int AS count FROM transactions'

/** Everybody is back `BACK_MS` after now, the ledger accounts for everything, and nobody is in two copies. */
async function judgeAfterRestore({ postgres, players }: Played, figures: Record<string, unknown>): Promise<void> {
  await pause(BACK_MS)
  const end = Date.now()
  const report = await players.report()
  const { findings, recoveries, recoveryP99Seconds, ...verdict } = await judge(postgres.url, players.diary, end)
  process.stderr.write(`${JSON.stringify({ ...figures, recoveries, recoveryP99Seconds, kicked: report['kicked'], taken: report['taken'] })}\n`)
  expect(verdict, findings.join('\n')).toEqual({ lostItems: 0, duplicatedItems: 0, moneyDifference: 0, doublePresence: 0, lockedOut: 0 })
  expect(report['taken']).toBeGreaterThan(0)
}

it('D2, M1: the disk of PostgreSQL is lost while people play: they go on after a restore, and lose at most what was not archived', async () => {
  await using stack = new AsyncDisposableStack()
  const world = await played(stack)
  const backup = await world.postgres.backup()
  await play()
  // The archive lags, and meanwhile players are moved: the restored database knows nothing of these claims.
  await world.postgres.stopArchiving()
  const claims = 'SELECT sum(epoch)::int AS count FROM characters'
  const { count: claimed } = await world.row(claims)
  await world.drainOneServer()
  await pause(LAG_MS)
  const { count: moved } = await world.row(claims)
  expect(Number(moved)).toBeGreaterThan(Number(claimed))
  const { count: before } = await world.row(TRANSACTIONS)
  const lostAt = Date.now()
  await world.postgres.loseDisk()
  const seconds = await world.postgres.restore(backup)
  const { count: after } = await world.row(TRANSACTIONS)
  const { at } = await world.row('SELECT max(at) AS at FROM transactions')
  const lostSeconds = (lostAt - (at as Date).getTime()) / 1_000
  expect(lostSeconds).toBeLessThan(3 * ARCHIVE_EVERY_S + LAG_MS / 1_000)
  expect((await world.row(claims))['count']).toBeLessThan(Number(moved))
  await judgeAfterRestore(world, { restoredInSeconds: seconds, transactions: { before, after }, lostSeconds })
})

it('M1: after a mistake of an operator the database goes back to the moment before, and everybody can enter again', async () => {
  await using stack = new AsyncDisposableStack()
  const world = await played(stack)
  const backup = await world.postgres.backup()
  await play()
  const withState = 'SELECT count(*)::int AS count FROM characters WHERE state IS NOT NULL'
  const { count: states } = await world.row(withState)
  const { count: before } = await world.row(TRANSACTIONS)
  const { target } = await world.row('SELECT clock_timestamp()::text AS target')
  // Players trade meanwhile: the moment lies between both counts.
  const { count: following } = await world.row(TRANSACTIONS)
  await pause(1_000)
  await world.row('DELETE FROM friendships')
  await play()
  const { count: late } = await world.row(TRANSACTIONS)
  expect(late).toBeGreaterThan(Number(following))
  await world.stopWorld()
  await world.postgres.stop()
  await world.emptyRedis()
  const seconds = await world.postgres.restore(backup, String(target))
  const { count: after } = await world.row(TRANSACTIONS)
  expect(after).toBeGreaterThanOrEqual(Number(before))
  expect(after).toBeLessThanOrEqual(Number(following))
  expect((await world.row(withState))['count']).toBe(states)
  expect((await world.row('SELECT count(*)::int AS count FROM friendships'))['count']).toBeGreaterThan(0)
  await world.startWorld()
  await judgeAfterRestore(world, { restoredInSeconds: seconds, transactions: { before, late, after } })
})
