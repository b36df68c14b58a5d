import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { StrataClient } from '../../../client/index.ts'
import { seededRandom } from '../../../model/random.ts'
import { visitAt } from './agenda.ts'
import { Bot } from './bot.ts'
import { Companions } from './companions.ts'
import { crowdAgendas } from './crowd.ts'
import { Diary } from './diary.ts'
import { readBotOptions } from './options.ts'
import { Sightings } from './sightings.ts'
import { traceAgendas } from './trace.ts'

/** Where the demo's crowd goes, if the world has it. */
const CROWDED = 'forest'
const PROGRESS_MS = 1_000
/** Everybody logs out within this, or the run ends without them. */
const FAREWELL_MS = 15_000

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
  const { matchmaker, seed, bots, seconds, trace, speed, scale, report } = options
  const guest = new StrataClient({ matchmaker })
  await guest.login({ name: 'Town Crier' })
  const maps = (await guest.maps()).maps.filter(({ kind }) => kind === 'zone').map(({ map }) => map)
  const [first] = maps
  if (first === undefined) throw new Error(`the matchmaker at ${matchmaker} knows no map: are its policies loaded?`)
  const random = seededRandom(seed)
  const agendas =
    trace === undefined
      ? crowdAgendas({
          bots,
          maps,
          crowded: maps.includes(CROWDED) ? CROWDED : first,
          steady: options.steady,
          random,
          ...(seconds === undefined ? {} : { seconds }),
        })
      : await traceAgendas({ file: resolve(trace), speed, scale, seed, maps })

  const began = performance.now()
  const elapsed = (): number => performance.now() - began
  const sightings = new Sightings()
  const companies = new Map(agendas.map(({ party }) => [party, party === undefined ? undefined : new Companions()]))
  const diary = options.diary === undefined ? undefined : new Diary(resolve(options.diary))
  const names = options.trade ? agendas.map(({ person }) => person.name) : []
  const players = agendas.map(
    (agenda) =>
      new Bot(agenda, { matchmaker, random, sightings, elapsed, companions: companies.get(agenda.party), diary, partners: names, stopping: stopping.signal }),
  )
  if (seconds !== undefined) setTimeout(() => stopping.abort(), seconds * 1000)
  const progress = setInterval(() => {
    if (!options.progress) return
    const wanted = agendas.filter((agenda) => visitAt(agenda, elapsed()) !== undefined).length
    process.stdout.write(`${JSON.stringify({ online: sightings.online, wanted })}\n`)
  }, PROGRESS_MS)
  await Promise.race([Promise.all(players.map((player) => player.live())), farewell()])
  clearInterval(progress)
  await diary?.end()
  const seen = JSON.stringify(sightings.report(), undefined, 2)
  if (report === undefined) process.stdout.write(`${seen}\n`)
  else await writeFile(resolve(report), `${seen}\n`)
}

/** Some time after the run was told to stop. */
function farewell(): Promise<void> {
  return new Promise((done) => stopping.signal.addEventListener('abort', () => setTimeout(done, FAREWELL_MS)))
}
