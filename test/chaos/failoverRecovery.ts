import { setTimeout as sleep } from 'node:timers/promises'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import type { LocalWorld } from '../../local/world.ts'

/** Longest time that is measured, in ms. A recovery that takes longer counts as this long, which the verdict refuses. */
const MEASURED_MS = 60_000
const POLL_MS = 100

/**
 * Seconds until all processes write to the new primaries: matchmakers and orchestrator are ready, for which they write to both databases, and each game server
 * that hosts copies has reported itself in the directory since.
 */
export async function secondsUntilWritable(world: LocalWorld, redisUrl: string): Promise<number> {
  const since = Date.now()
  const seconds = (): number => (Date.now() - since) / 1000
  // A connection of its own, made after the failover: it leads to the new primary.
  await using directory = await RedisDirectory.connect(redisUrl)
  const gameServers = async (): Promise<boolean> => {
    const beats = new Map((await directory.servers()).map(({ id, beat }) => [id, beat]))
    return world.host.servers().every(({ id, state }) => state !== 'Allocated' || (beats.get(id) ?? 0) > since)
  }
  const others = [...world.matchmakerUrls, world.orchestratorUrl].map((url) => () => isReady(`${url}/readyz`))
  while (seconds() * 1000 < MEASURED_MS) {
    const all = await Promise.all([...others, gameServers].map((recovered) => recovered().catch(() => false)))
    if (all.every(Boolean)) break
    await sleep(POLL_MS)
  }
  return seconds()
}

const isReady = async (url: string): Promise<boolean> => (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok
