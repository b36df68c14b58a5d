import { type RedisOptions as AllOptions, Redis } from 'ioredis'
import { StrataError } from '../../model/errors.ts'
import { backoffMs } from '../../model/retry/backoff.ts'

type RedisOptions = Omit<AllOptions, 'replyMapping'>

/** Deadline of one command, in ms. */
const COMMAND_TIMEOUT_MS = 2_000
const CONNECT_TIMEOUT_MS = 3_000
/** Delays between attempts to reconnect, in ms. Short, because all calls fail until then; with jitter, because all processes lose Redis together. */
const RECONNECT = { firstMs: 100, maxMs: 2_000 }
const SENTINEL_PORT = 26_379
/** ioredis: reconnect, then send the failed command again. */
const RECONNECT_AND_RESEND = 2

/**
 * A client that is not connected yet. `url`: `redis://…`, `rediss://…`, the path of a Unix socket, or `redis+sentinel://HOST:PORT,HOST:PORT/NAME`, where the
 * Sentinels tell which server is the primary of NAME. When the server turns out to be a replica (its answer is READONLY), the client connects again:
 * a proxy, a name or the Sentinels lead to the new primary by then. `onDemoted` is called each time. Throws SETTING_INVALID.
 */
export function openRedis(url: string, onDemoted: () => void): Redis {
  const options: RedisOptions = {
    lazyConnect: true,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    // The jitter need not be reproducible, so it does not use the injected random source.
    retryStrategy: (failures) => backoffMs(RECONNECT, failures, Math.random),
    reconnectOnError(error) {
      if (!error.message.startsWith('READONLY')) return false
      onDemoted()
      return RECONNECT_AND_RESEND
    },
  }
  const redis = url.startsWith('redis+sentinel:') ? new Redis({ ...options, ...sentinelOptions(url) }) : new Redis(url, options)
  redis.on('error', () => undefined) // the caller of each failed command gets the error
  return redis
}

/** `redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]/NAME`; user and password are those of the primary. */
export function sentinelOptions(url: string): RedisOptions {
  const parts = /^redis\+sentinel:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/@]+)\/(?<name>[^/?]+)$/.exec(url)?.groups
  const { user = '', password, hosts = '', name } = parts ?? {}
  if (name === undefined) throw new StrataError('SETTING_INVALID', { setting: 'REDIS_URL', problem: 'write redis+sentinel://HOST:PORT,HOST:PORT/NAME' })
  const sentinels = hosts.split(',').map((one) => {
    const { hostname, port } = new URL(`redis://${one}`)
    return { host: hostname, port: port === '' ? SENTINEL_PORT : Number(port) }
  })
  return {
    sentinels,
    name,
    // A Sentinel that does not answer is skipped, and all are asked again after a pause.
    sentinelRetryStrategy: (failures) => backoffMs(RECONNECT, failures, Math.random),
    failoverDetector: true,
    ...(user === '' ? {} : { username: decodeURIComponent(user) }),
    ...(password === undefined ? {} : { password: decodeURIComponent(password) }),
  }
}
