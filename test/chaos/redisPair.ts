import { join } from 'node:path'
import { Redis } from 'ioredis'
import { startRedis } from '../../local/services/redis.ts'
import { type SupervisedService, supervised } from '../../local/services/supervised.ts'
import { defined } from '../../model/defined.ts'
import type { Logger } from '../../service/log.ts'
import { startTcpProxy } from '../tcpProxy.ts'
import { type FailoverPair, failoverPair, until } from './failoverPair.ts'

/** Longest time until a replica has copied its primary, in ms. */
const SYNC_TIMEOUT_MS = 30_000

/** Starts two Redis servers, a primary and its replica. Both are restarted when they die. */
export async function startRedisPair(folder: string, log: Logger): Promise<FailoverPair> {
  await using stack = new AsyncDisposableStack()
  const start = (name: string): Promise<SupervisedService> =>
    supervised(`Redis ${name}`, (port) => startRedis({ folder: join(folder, name), ...defined({ port }) }), log)
  const first = stack.use(await start('first'))
  const second = stack.use(await start('second'))
  const proxy = stack.use(await startTcpProxy(first.url))
  await follow(second.url, first.url)
  const running = stack.move()
  return failoverPair({
    members: [first, second],
    proxy,
    async swapRoles(primary, replica) {
      // A server that was killed starts again without its role.
      await follow(replica.url, primary.url)
      await until('the copy of the primary', SYNC_TIMEOUT_MS, async () => (await tell(replica.url, 'INFO', 'replication')).includes('master_link_status:up'))
      await tell(replica.url, 'REPLICAOF', 'NO', 'ONE')
      await follow(primary.url, replica.url)
    },
    stop: () => running.disposeAsync(),
  })
}

async function follow(url: string, primary: string): Promise<void> {
  await tell(url, 'REPLICAOF', '127.0.0.1', new URL(primary).port)
}

/** Sends one command on a connection of its own. */
async function tell(url: string, command: string, ...args: string[]): Promise<string> {
  const redis = new Redis(url, { lazyConnect: true, connectTimeout: 2_000, commandTimeout: 2_000, retryStrategy: () => null })
  redis.on('error', () => undefined) // `connect` and `call` reject with the same error
  try {
    await redis.connect()
    return String(await redis.call(command, ...args))
  } finally {
    redis.disconnect()
  }
}
