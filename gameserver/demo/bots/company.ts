import { seededRandom } from '../../../model/random.ts'
import { Bot } from './bot.ts'
import { Companions } from './companions.ts'
import { Diary } from './diary.ts'
import { Sightings } from './sightings.ts'
import { type CompanyReport, type CompanyWord, type Orders, PROGRESS_MS } from './troopTalk.ts'

/** Everybody logs out within this, or the run ends without them. */
const FAREWELL_MS = 15_000

/**
 * One process of bots, forked by troop.ts: plays what it is told to, says once a second how many are in the world, and in the
 * end what they saw. Goes with whoever started it.
 */
const stopping = new AbortController()
process.on('disconnect', () => process.exit(0))
// Of the terminal: the first process hears it too, and tells when to stop.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)

const say = (word: CompanyReport): boolean | undefined => process.send?.(word)
process.on('message', (word: CompanyWord) => {
  if (word === 'stop') stopping.abort()
  else void play(word)
})
say({ ready: true })

async function play({ agendas, matchmaker, seed, partners, diary: diaryFile }: Orders): Promise<void> {
  const random = seededRandom(seed)
  const began = performance.now()
  const elapsed = (): number => performance.now() - began
  const sightings = new Sightings()
  const companies = new Map(agendas.map(({ party }) => [party, party === undefined ? undefined : new Companions()]))
  const diary = diaryFile === undefined ? undefined : new Diary(diaryFile)
  const players = agendas.map(
    (agenda) =>
      new Bot(agenda, { matchmaker, random, sightings, elapsed, companions: companies.get(agenda.party), diary, partners, stopping: stopping.signal }),
  )
  const progress = setInterval(() => say({ online: sightings.online }), PROGRESS_MS)
  await Promise.race([Promise.all(players.map((player) => player.live())), farewell()])
  clearInterval(progress)
  await diary?.end()
  // Whoever asked hangs up when the last word has arrived, and this process ends with that.
  say({ saw: sightings.seen() })
}

/** Some time after the run was told to stop. */
function farewell(): Promise<void> {
  return new Promise((done) => stopping.signal.addEventListener('abort', () => setTimeout(done, FAREWELL_MS)))
}
