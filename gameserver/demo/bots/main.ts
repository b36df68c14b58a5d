import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { StrataClient } from '../../../client/index.ts'
import { seededRandom } from '../../../model/random.ts'
import { type Agenda, visitAt } from './agenda.ts'
import { crowdAgendas } from './crowd.ts'
import { readBotOptions } from './options.ts'
import { traceAgendas } from './trace.ts'
import { Troop } from './troop.ts'
import { PROGRESS_MS } from './troopTalk.ts'

/** Where the demo's crowd goes, if the world has it. */
const CROWDED = 'forest'

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
  const { matchmaker, seed, seconds, report, trade, diary } = options
  const agendas = await whoComes()
  await using troop = await Troop.muster(agendas, diary === undefined ? undefined : 1)
  const partners = trade ? agendas.map(({ person }) => person.name) : []
  const began = performance.now()
  troop.start({ matchmaker, seed, partners, ...(diary === undefined ? {} : { diary: resolve(diary) }) })
  stopping.signal.addEventListener('abort', () => troop.stop())
  if (stopping.signal.aborted) troop.stop()
  if (seconds !== undefined) setTimeout(() => stopping.abort(), seconds * 1000)
  const progress = setInterval(() => {
    if (!options.progress) return
    const elapsed = performance.now() - began
    const wanted = agendas.filter((agenda) => visitAt(agenda, elapsed) !== undefined).length
    process.stdout.write(`${JSON.stringify({ online: troop.online, wanted })}\n`)
  }, PROGRESS_MS)
  const sightings = await troop.ended
  clearInterval(progress)
  const seen = JSON.stringify(sightings.report(), undefined, 2)
  if (report === undefined) process.stdout.write(`${seen}\n`)
  else await writeFile(resolve(report), `${seen}\n`)
}

/** Of the world's maps: the demo's crowd, or the recorded day. */
async function whoComes(): Promise<Agenda[]> {
  const { matchmaker, seed, bots, seconds, steady, trace, speed, scale } = options
  const guest = new StrataClient({ matchmaker })
  await guest.login({ name: 'Town Crier' })
  const maps = (await guest.maps()).maps.filter(({ kind }) => kind === 'zone').map(({ map }) => map)
  const [first] = maps
  if (first === undefined) throw new Error(`the matchmaker at ${matchmaker} knows no map: are its policies loaded?`)
  if (trace !== undefined) return traceAgendas({ file: resolve(trace), speed, scale, seed, maps })
  const crowded = maps.includes(CROWDED) ? CROWDED : first
  return crowdAgendas({ bots, maps, crowded, steady, random: seededRandom(seed), ...(seconds === undefined ? {} : { seconds }) })
}
