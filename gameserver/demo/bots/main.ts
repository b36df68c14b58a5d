import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { StrataClient } from '../../../client/index.ts'
import { defined } from '../../../model/defined.ts'
import { seededRandom } from '../../../model/random.ts'
import { OpenIdSession } from './account/openIdSession.ts'
import { BotPool } from './botPool.ts'
import { crowdSchedules } from './crowd.ts'
import { readBotOptions } from './options.ts'
import { DUNGEON } from './play/destination.ts'
import { runRawBots } from './raw/rawBots.ts'
import { type Schedule, visitAt, withFounders } from './schedule.ts'
import { traceSchedules } from './trace.ts'
import { PROGRESS_MS } from './workerMessages.ts'

/** The map to which the demo's crowd goes, if it exists. */
const CROWDED = 'forest'
/** The account that reads which maps there are; it has no character. */
const GUEST = 'Town Crier'

const options = readBotOptions(process.argv.slice(2))
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort())

try {
  await run()
  process.exit(0)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}

async function run(): Promise<void> {
  const { matchmaker: matchmakers, issuer, clientId: client, redirectUri, seed, seconds, report, trade, acquainted, diary } = options
  if (options.raw) return runRaw()
  const endsAt = (seconds ?? Number.POSITIVE_INFINITY) * 1_000
  // Bots of a recorded day whose first visit begins after the run are left out.
  const schedules = withFounders((await loadSchedules()).filter(({ visits }) => visits.some(({ from }) => from < endsAt)))
  // The event log is one file, so it needs a single worker.
  await using pool = await BotPool.fork(schedules, diary === undefined ? undefined : 1)
  const partners = trade ? schedules.map(({ person }) => person.name) : []
  const openId = issuer === undefined ? undefined : { issuer, client, redirectUri }
  stopping.signal.addEventListener('abort', () => pool.stop())
  await pool.start({ matchmakers, seed, partners, acquainted, ...defined({ openId, eventLogFile: diary === undefined ? undefined : resolve(diary) }) })
  const began = performance.now()
  if (stopping.signal.aborted) pool.stop()
  if (seconds !== undefined) setTimeout(() => stopping.abort(), seconds * 1000)
  const progress = setInterval(() => {
    if (!options.progress) return
    const elapsed = performance.now() - began
    const wanted = schedules.filter((schedule) => visitAt(schedule, elapsed) !== undefined).length
    process.stdout.write(`${JSON.stringify({ online: pool.online, wanted })}\n`)
  }, PROGRESS_MS)
  const stats = await pool.ended
  clearInterval(progress)
  const json = JSON.stringify(stats.report(), undefined, 2)
  if (report === undefined) process.stdout.write(`${json}\n`)
  else await writeFile(resolve(report), `${json}\n`)
}

async function runRaw(): Promise<void> {
  const {
    matchmaker: [matchmaker = ''],
    bots,
    seconds,
    inputRate,
    seed,
    report,
  } = options
  const received = await runRawBots(defined({ matchmaker, map: options.map ?? CROWDED, bots, seconds, inputRate, seed }), stopping.signal)
  const json = JSON.stringify(received ?? { stopped: true }, undefined, 2)
  if (report === undefined) process.stdout.write(`${json}\n`)
  else await writeFile(resolve(report), `${json}\n`)
}

/** Schedules on the maps of this world: of the demo's crowd, or of the recorded day. */
async function loadSchedules(): Promise<Schedule[]> {
  const { matchmaker, issuer, clientId: client, redirectUri, seed, bots, seconds, steady, trace, speed, scale } = options
  const [url = ''] = matchmaker
  const session = issuer === undefined ? undefined : new OpenIdSession({ issuer, client, redirectUri }, { login: GUEST }).token
  const guest = new StrataClient({ matchmaker: url, ...defined({ session }) })
  if (session === undefined) await guest.login(GUEST)
  const { maps: known } = await guest.maps()
  const maps = known.filter(({ kind }) => kind === 'zone').map(({ map }) => map)
  const dungeon = known.some(({ map, kind }) => map === DUNGEON && kind === 'instance') ? DUNGEON : undefined
  const [first] = maps
  if (first === undefined) throw new Error(`the matchmaker at ${url} has no zone map: check that its policies are loaded`)
  if (trace !== undefined) return traceSchedules({ file: resolve(trace), speed, scale, seed, maps })
  const crowded = maps.includes(CROWDED) ? CROWDED : first
  return crowdSchedules({ bots, maps, crowded, dungeon, steady, random: seededRandom(seed), ...defined({ seconds }) })
}
