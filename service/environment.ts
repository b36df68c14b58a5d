import { z } from 'zod'

/** Reads the settings of a process from its environment. Invalid settings end the process with exit code 2, after one line per variable on standard error. */
export function readEnvironment<T extends z.ZodObject>(schema: T, environment: NodeJS.ProcessEnv = process.env): z.infer<T> {
  const result = schema.safeParse(environment)
  if (result.success) return result.data
  for (const issue of result.error.issues) process.stderr.write(`setting ${issue.path.join('.')}: ${issue.message}\n`)
  process.exit(2)
}

export const port = z.coerce.number().int().min(0).max(65_535)
export const url = z.url({ message: 'needs a URL' })
/** How the processes reach PostgreSQL. */
export const databaseSettings = {
  /** PostgreSQL: `postgres://USER:PASSWORD@HOST:PORT/NAME`. */
  DATABASE_URL: url,
  /** `transaction`: DATABASE_URL leads to a pooler in transaction mode, such as PgBouncer. `none`: to PostgreSQL, or to a pooler in session mode. */
  DATABASE_POOLER: z.enum(['none', 'transaction']).default('none'),
}
const redisUrl = z.union([z.string().regex(/^(redis\+sentinel|rediss?\+cluster):\/\//), url, z.string().startsWith('/')], {
  message: 'needs a URL (redis://…, rediss://…, redis+sentinel://HOST:PORT,HOST:PORT/NAME, redis+cluster://HOST:PORT,HOST:PORT), or the path of a Unix socket',
})
/** Where the directory is: the same in all processes of one world. */
export const redisSettings = {
  /** Redis: `redis://…`, `rediss://…`, `redis+sentinel://HOST:PORT,HOST:PORT/NAME`, `redis+cluster://HOST:PORT,HOST:PORT`, the path of a Unix socket, or `unix://USER:PASSWORD@localhost/PATH`. */
  REDIS_URL: redisUrl,
  /** Prefix of every key and channel, so that several worlds can share one Redis. */
  REDIS_PREFIX: z.string().min(1).default('strata:'),
  /**
   * Replicas that must have a seat before it counts as held, so that a failover gives no seat twice. 0: no wait. Each hold takes one round trip to the replicas longer;
   * while fewer replicas answer, nobody enters. Must be 0 with a Redis Cluster.
   */
  REDIS_WAIT_REPLICAS: z.coerce.number().int().min(0).max(9).default(0),
}
