import { seededRandom } from '../../../model/random.ts'
import { Account } from './account/account.ts'
import { acquaint } from './account/acquaint.ts'
import { GuildDesk } from './account/guildDesk.ts'
import { Bot } from './bot.ts'
import { BotStats } from './botStats.ts'
import { EventLog } from './eventLog.ts'
import { Party } from './party.ts'
import { type FromWorker, PROGRESS_MS, type ToWorker, type WorkerTask } from './workerMessages.ts'

/** Time in ms that the bots have to log out at the end of a run. */
const LOGOUT_MS = 15_000

/**
 * A worker process that runs bots, forked by botPool.ts. It reports once a second how many bots are online, and the statistics at the end. It exits
 * when the parent disconnects.
 */
const stopping = new AbortController()
let begin = (): void => undefined
const begun = new Promise<void>((resolve) => {
  begin = resolve
})
process.on('disconnect', () => process.exit(0))
// The terminal signals all processes of the group. Ignore it here: the parent gets it, too, and sends `stop`.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)

const stats = new BotStats()
const report = (message: FromWorker): boolean | undefined => process.send?.(message)
const guilds = new GuildDesk(
  (guild) => report({ guild }),
  (error) => stats.error(error),
)
process.on('message', (message: ToWorker) => {
  if (message === 'stop') stopping.abort()
  else if (message === 'begin') begin()
  else if ('guild' in message) guilds.receive(message.guild)
  else void play(message.task)
})
report({ ready: true })

async function play({ schedules, matchmakers, openId, seed, partners, acquainted, eventLogFile }: WorkerTask): Promise<void> {
  const random = seededRandom(seed)
  const players = schedules.map((schedule, index) => {
    const account = new Account(schedule.person, { matchmaker: matchmakers[index % matchmakers.length] ?? '', openId, stats, guilds })
    return { schedule, account }
  })
  if (acquainted) {
    const founders = players.filter(({ schedule }) => schedule.person.founder === true)
    await acquaint(new Set([...founders, ...players].map(({ account }) => account)), stopping.signal)
    report({ acquainted: true })
    await begun
  }
  const began = performance.now()
  const elapsed = (): number => performance.now() - began
  const parties = new Map(schedules.map(({ party }) => [party, party === undefined ? undefined : new Party()]))
  const eventLog = eventLogFile === undefined ? undefined : new EventLog(eventLogFile)
  const bots = players.map(({ schedule, account }) => {
    return new Bot(schedule, { account, random, stats, elapsed, party: parties.get(schedule.party), eventLog, partners, stopping: stopping.signal })
  })
  const progress = setInterval(() => report({ online: stats.online }), PROGRESS_MS)
  await Promise.race([Promise.all(bots.map((bot) => bot.run())), logoutDeadline()])
  clearInterval(progress)
  await eventLog?.end()
  // The parent disconnects when it has received this message, which ends this process.
  report({ stats: stats.data() })
}

/** Resolves LOGOUT_MS after the run was stopped. */
function logoutDeadline(): Promise<void> {
  return new Promise((done) => stopping.signal.addEventListener('abort', () => setTimeout(done, LOGOUT_MS)))
}
