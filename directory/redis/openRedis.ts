import { type RedisOptions as AllOptions, Cluster, Redis } from 'ioredis'
import { StrataError } from '../../model/errors.ts'
import { backoffMs } from '../../model/retry/backoff.ts'

type RedisOptions = Omit<AllOptions, 'replyMapping'>

/** Deadline of one command, in ms. */
const COMMAND_TIMEOUT_MS = 2_000
const CONNECT_TIMEOUT_MS = 3_000
/** Delays between attempts to reconnect, in ms. Short, because all calls fail until then; with jitter, because all processes lose Redis together. */
const RECONNECT = { firstMs: 100, maxMs: 2_000 }
const SENTINEL_PORT = 26_379
const CLUSTER_PORT = 6_379
/** Interval at which the nodes of a cluster are asked which of them serves what, in ms, besides after each MOVED. */
const SLOTS_REFRESH_MS = 5_000
/** ioredis: reconnect, then send the failed command again. */
const RECONNECT_AND_RESEND = 2

/** Connections to one Redis, to the primary that Sentinels name, or to a Redis Cluster. They are not connected yet. */
export interface RedisConnections {
  commands: Redis | Cluster
  /** Makes a connection for subscriptions: it cannot send other commands. It has no retry limit, so that it survives an outage of any length. */
  subscriber(): Redis
  /** Makes a connection for commands on which Redis may wait. Throws SETTING_INVALID for a Redis Cluster, where each node has replicas of its own. */
  waiter(): Redis
}

/** Options of a connection for subscriptions. The owner subscribes again itself, because it must know of the gap. */
const SUBSCRIBER = { lazyConnect: true, commandTimeout: undefined, maxRetriesPerRequest: null, autoResubscribe: false } as const

/**
 * `url`: `redis://…`, `rediss://…`, the path of a Unix socket, `unix://USER:PASSWORD@localhost/PATH`, `redis+sentinel://HOST:PORT,HOST:PORT/NAME`, where the Sentinels tell which server is the primary
 * of NAME, or `redis+cluster://HOST:PORT,HOST:PORT` (`rediss+cluster:` with TLS) with some nodes of a Redis Cluster. When the server turns out to be a replica
 * (its answer is READONLY), the client connects again: a proxy, a name or the Sentinels lead to the new primary by then. `onDemoted` is called each time.
 * The nodes of a cluster lead to the new primary themselves (MOVED). Throws SETTING_INVALID.
 */
export function openRedis(url: string, onDemoted: () => void): RedisConnections {
  if (/^rediss?\+cluster:/.test(url)) return openCluster(url)
  const options: RedisOptions = {
    ...common,
    lazyConnect: true,
    retryStrategy,
    reconnectOnError(error) {
      if (!error.message.startsWith('READONLY')) return false
      onDemoted()
      return RECONNECT_AND_RESEND
    },
  }
  const special = url.startsWith('redis+sentinel:') ? sentinelOptions(url) : url.startsWith('unix:') ? socketOptions(url) : undefined
  const redis = special === undefined ? new Redis(url, options) : new Redis({ ...options, ...special })
  redis.on('error', () => undefined) // the caller of each failed command gets the error
  return { commands: redis, subscriber: () => redis.duplicate(SUBSCRIBER), waiter: () => redis.duplicate() }
}

const common = { commandTimeout: COMMAND_TIMEOUT_MS, connectTimeout: CONNECT_TIMEOUT_MS, maxRetriesPerRequest: 1 }
// The jitter need not be reproducible, so it does not use the injected random source.
const retryStrategy = (failures: number): number => backoffMs(RECONNECT, failures, Math.random)

function openCluster(url: string): RedisConnections {
  const { nodes, ...access } = clusterOptions(url)
  const cluster = new Cluster(nodes, {
    lazyConnect: true,
    // Without a deadline, commands would wait here until the cluster is back.
    enableOfflineQueue: false,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    redisOptions: { ...common, ...access },
  })
  cluster.on('error', () => undefined) // the caller of each failed command gets the error
  /** Every node of a cluster passes on what is published at any node. Each attempt tries another one, because one may be gone for good. */
  const nextNode = (attempt: number): { host: string; port: number } => {
    const known = cluster.nodes('all').map(({ options: { host = '', port = CLUSTER_PORT } }) => ({ host, port }))
    const all = known.length > 0 ? known : nodes
    return all[attempt % all.length] ?? { host: '', port: CLUSTER_PORT }
  }
  const subscriber = (): Redis => {
    const connection: Redis = new Redis({
      ...common,
      ...access,
      ...SUBSCRIBER,
      ...nextNode(0),
      retryStrategy(failures) {
        Object.assign(connection.options, nextNode(failures))
        return retryStrategy(failures)
      },
    })
    return connection
  }
  const waiter = (): never => {
    throw new StrataError('SETTING_INVALID', { setting: 'REDIS_WAIT_REPLICAS', problem: 'it must be 0 with a Redis Cluster' })
  }
  return { commands: cluster, subscriber, waiter }
}

/** `redis+cluster://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]`; `rediss+cluster:` with TLS. */
export function clusterOptions(url: string): Pick<RedisOptions, 'username' | 'password' | 'tls'> & { nodes: { host: string; port: number }[] } {
  const parts = /^redis(?<tls>s?)\+cluster:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/@]+)\/?$/.exec(url)?.groups
  const { tls, hosts = '' } = parts ?? {}
  if (tls === undefined) throw new StrataError('SETTING_INVALID', { setting: 'REDIS_URL', problem: 'write redis+cluster://HOST:PORT,HOST:PORT' })
  return { nodes: readHosts(hosts, CLUSTER_PORT), ...credentials(parts), ...(tls === '' ? {} : { tls: {} }) }
}

/** `redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]/NAME`; user and password are those of the primary. */
export function sentinelOptions(url: string): RedisOptions {
  const parts = /^redis\+sentinel:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/@]+)\/(?<name>[^/?]+)$/.exec(url)?.groups
  const { hosts = '', name } = parts ?? {}
  if (name === undefined) throw new StrataError('SETTING_INVALID', { setting: 'REDIS_URL', problem: 'write redis+sentinel://HOST:PORT,HOST:PORT/NAME' })
  return {
    sentinels: readHosts(hosts, SENTINEL_PORT),
    name,
    // A Sentinel that does not answer is skipped, and all are asked again after a pause.
    sentinelRetryStrategy: retryStrategy,
    failoverDetector: true,
    ...credentials(parts),
  }
}

/** `unix://USER:PASSWORD@localhost/PATH`. */
function socketOptions(url: string): RedisOptions {
  const { pathname, username, password } = new URL(url)
  return { path: decodeURIComponent(pathname), ...credentials({ user: username, password }) }
}

function readHosts(text: string, defaultPort: number): { host: string; port: number }[] {
  return text.split(',').map((one) => {
    const { hostname, port } = new URL(`redis://${one}`)
    return { host: hostname, port: port === '' ? defaultPort : Number(port) }
  })
}

function credentials({ user = '', password }: Record<string, string> = {}): { username?: string; password?: string } {
  return {
    ...(user === '' ? {} : { username: decodeURIComponent(user) }),
    ...(password === undefined ? {} : { password: decodeURIComponent(password) }),
  }
}
