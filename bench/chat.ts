import { ChatCrowd } from '../test/gameserver/chatCrowd.ts'
import { quantile, type Report, rounded } from './report.ts'
import { startServices } from './world/services.ts'

/** The delay of chat between game servers: from the call of the sender's server to the delivery at each receiver. */
export const summary = '1,000 senders on four game servers over one Redis: party, guild, map and whisper chat, each speaks every 5 s'

export async function run(stack: AsyncDisposableStack): Promise<Report> {
  const { redisUrl } = await startServices(stack)
  const options = { redisUrl, servers: 4, people: 1_000, messages: 6, perSecond: 200 }
  const crowd = stack.use(await ChatCrowd.open(options))
  const before = process.cpuUsage()
  await crowd.talk()
  const { user, system } = process.cpuUsage(before)
  const delays = crowd.delaysMs.toSorted((a, b) => a - b)
  return {
    p50Ms: rounded(quantile(delays, 0.5)),
    p99Ms: rounded(quantile(delays, 0.99)),
    maxMs: rounded(quantile(delays, 1)),
    deliveries: delays.length,
    said: options.people * options.messages,
    senders: options.people,
    servers: options.servers,
    saidPerSecond: options.perSecond,
    /** Of this process, which is all senders and all servers. */
    cpuMicrosPerDelivery: rounded((user + system) / delays.length),
  }
}
