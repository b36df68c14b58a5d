import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { MemoryDirectory } from '../../directory/memory.ts'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import { directoryContract } from './directory.ts'

directoryContract('memory', async () => {
  const directory = new MemoryDirectory()
  return { directory, empty: async () => directory.clear() }
})

directoryContract('Redis', async () => {
  const url = process.env['REDIS_URL']
  if (url === undefined) throw new Error('REDIS_URL is not set: test/services.ts starts one')
  const prefix = `test:${randomUUID()}:`
  const directory = await RedisDirectory.connect(url, { prefix })
  const empty = async (): Promise<void> => {
    const redis = new Redis(url)
    const keys = await redis.keys(`${prefix}*`)
    if (keys.length > 0) await redis.del(...keys)
    redis.disconnect()
  }
  return { directory, empty }
})
