import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { numberAfter, textAfter } from './arguments.ts'
import { startChatWorld } from './chat/chatWorld.ts'
import { coresUsed, readCpuTimes } from './chat/cpuTimes.ts'
import { audienceSizes, type CrowdSize, mix, type Person } from './chat/crowd.ts'
import { Loads } from './chat/loads.ts'
import { type Heard, keyOf, nowMs } from './chat/messages.ts'
import { quantile, type Report, rounded } from './report.ts'
import { say } from './world/localWorld.ts'

/**
 * Chat between players on several game servers, each player with the real SDK and its own WebSocket, in load processes of their own. A delay is the time
 * from the call of `say` to the event in the receiver's client. How many clients receive a message is a choice, which the report states.
 */
export const summary =
  '1,000 players on four game-server processes talk by map, guild, party and whisper; --rates N,N, --people N, --servers N, --loads N, --seconds S, --map N, --copy N, --guild N, --party N, --profile FOLDER'

/** Messages a second of all players together. At one a second each player uses up its budget. */
const RATES = '200,500,1000'
const SECONDS = 20
/** Seconds of talk before the first measurement: code is compiled then. */
const WARM_UP_SECONDS = 5
/** Players on a map in two copies of 50, and members of a guild who are online at the same time. */
const defaults = { people: 1_000, servers: 4, map: 100, copy: 50, guild: 25, party: 5 }
const LOADS = 2
/** A round ends when nothing arrived for this time, in ms, and at the latest after `GIVE_UP_MS`. */
const SILENCE_MS = 1_000
const GIVE_UP_MS = 30_000
/** Pause after a round, in ms: the budgets of the players are full again. */
const REST_MS = 6_000

export async function run(stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const size: CrowdSize = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, numberAfter(args, `--${name}`) ?? value]),
  ) as typeof defaults // the same names
  const rates = (textAfter(args, '--rates') ?? RATES).split(',').map(Number)
  if (!rates.every((rate) => rate > 0 && rate <= size.people))
    throw new Error('--rates needs numbers from 1 to --people: a player may say one message a second')
  const seconds = numberAfter(args, '--seconds') ?? SECONDS
  const profile = textAfter(args, '--profile')
  if (profile !== undefined) await mkdir(profile, { recursive: true })

  say('starting the servers')
  const world = await startChatWorld(stack, size, profile === undefined ? undefined : resolve(profile))
  const loads = stack.use(await Loads.start(numberAfter(args, '--loads') ?? LOADS, profile === undefined ? undefined : resolve(profile)))
  const { crowd, seats } = world
  const pids = { ...world.pids, ...Object.fromEntries(loads.pids.map((pid, index) => [`load${index + 1}`, pid])), bench: process.pid }
  say(`${crowd.length} players enter`)
  await loads.ask('entered', (load) => ({
    order: 'enter',
    people: crowd.length,
    players: crowd.flatMap((person, index) => {
      const seat = seats[index]
      return index % loads.pids.length === load && seat !== undefined ? [{ person, seat }] : []
    }),
  }))
  let round = 0
  const measure = async (rate: number, forSeconds: number): Promise<Report> => {
    await pause(REST_MS)
    round++
    await loads.ask('begun', () => ({ order: 'begin', round }))
    const [before, began] = [await readCpuTimes(pids), nowMs()]
    await loads.ask('talked', () => ({ order: 'talk', everyMs: (crowd.length / rate) * 1_000, seconds: forSeconds }))
    const after = await readCpuTimes(pids)
    await silence(loads)
    const heard = (await loads.ask('collected', () => ({ order: 'collect' }))).map((answer) => answer.heard)
    const cores = coresUsed(before, after)
    const report = figures(heard, crowd, began)
    const microsPerDelivery = (name: string): number => {
      const used = Object.entries(cores).reduce((sum, [process, value]) => sum + (process.startsWith(name) ? value : 0), 0)
      return rounded((used * (after.at - before.at) * 1_000) / Number(report['deliveries']))
    }
    return {
      saidPerSecond: rate,
      ...report,
      serverCpuMicrosPerDelivery: microsPerDelivery('server'),
      loadCpuMicrosPerDelivery: microsPerDelivery('load'),
      coresUsed: roundedAll(cores),
    }
  }
  await measure(Math.min(...rates), WARM_UP_SECONDS)
  const reports: Report = {}
  for (const rate of rates) {
    say(`${rate} messages a second for ${seconds} s`)
    reports[`at${rate}`] = await measure(rate, seconds)
  }
  const sizes = audienceSizes(crowd)
  const fanOut = (person: Person): number => mix.reduce((sum, { channel, share }) => sum + share * sizes(person, channel), 0)
  return {
    senders: crowd.length,
    servers: size.servers,
    loadProcesses: loads.pids.length,
    audience: {
      map: `${size.map} players on a map, in ${Math.ceil(size.map / size.copy)} copies on different servers`,
      guild: `${size.guild} members, spread over all maps and servers`,
      party: `${size.party} members in one copy`,
      whisper: '1',
    },
    shareOfMessages: Object.fromEntries(mix.map(({ channel, share }) => [channel, share])),
    deliveriesPerMessage: rounded(crowd.reduce((sum, person) => sum + fanOut(person), 0) / crowd.length),
    world: 'people stand still; the rooms run 20 steps a second',
    ...reports,
  }
}

/** Resolves when nothing arrives any more. */
async function silence(loads: Loads): Promise<void> {
  const count = async (): Promise<number> => (await loads.ask('count', () => ({ order: 'count' }))).reduce((sum, { received }) => sum + received, 0)
  const deadline = performance.now() + GIVE_UP_MS
  for (let [last, now] = [-1, await count()]; last !== now && performance.now() < deadline; ) {
    await pause(SILENCE_MS)
    ;[last, now] = [now, await count()]
  }
}

function figures(heard: readonly Heard[], crowd: readonly Person[], began: number): Report {
  const sizes = audienceSizes(crowd)
  const total = (pick: (one: Heard) => Uint32Array, key: number): number => heard.reduce((sum, one) => sum + (pick(one)[key] ?? 0), 0)
  let [said, lost, repeated] = [0, 0, 0]
  for (const person of crowd) {
    for (const { channel } of mix) {
      const key = keyOf(channel, person.index)
      const accepted = total((one) => one.said, key)
      const missing = accepted * sizes(person, channel) - total((one) => one.received, key)
      said += accepted
      lost += Math.max(0, missing)
      repeated += Math.max(0, -missing)
    }
  }
  const delays = Float64Array.from(heard.flatMap(({ delaysMs }) => [...delaysMs])).sort()
  const lateness = Float64Array.from(heard.flatMap(({ latenessMs }) => [...latenessMs])).sort()
  const refused = heard.flatMap((one) => [...one.refused])
  const lastAt = Math.max(...heard.map((one) => one.lastAt))
  return {
    chatP50Ms: rounded(quantile(delays, 0.5)),
    chatP99Ms: rounded(quantile(delays, 0.99)),
    chatMaxMs: rounded(quantile(delays, 1)),
    said,
    deliveries: delays.length,
    deliveriesPerSecond: Math.round((delays.length / (lastAt - began)) * 1_000),
    lost,
    repeated,
    outOfOrder: heard.reduce((sum, one) => sum + one.outOfOrder, 0),
    disconnected: heard.reduce((sum, one) => sum + one.disconnected, 0),
    refused: refused.reduce((sum, [, count]) => sum + count, 0),
    refusedCodes: [...new Set(refused.map(([code]) => code))].join(', '),
    /** How late the load processes called `say`: high values mean that they had too little CPU time. */
    loadLateP99Ms: rounded(quantile(lateness, 0.99)),
  }
}

function roundedAll(values: Readonly<Record<string, number>>): Report {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rounded(value)]))
}
