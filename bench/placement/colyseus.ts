import { logger, matchMaker, Room } from '@colyseus/core'
import { RedisDriver } from '@colyseus/redis-driver'
import { RedisPresence } from '@colyseus/redis-presence'
import { inFlight } from '../report.ts'
import { SOFT, WIDTH } from './size.ts'

class EmptyRoom extends Room {
  override autoDispose = false
  override maxClients = SOFT
  /** As long as the bench's own seats are held. */
  override seatReservationTimeout = 600
}

/**
 * The peer: Colyseus' `joinOrCreate`, rooms listed in Redis by RedisDriver. All rooms are in this very process, which is the
 * cheapest case there is for it: a seat is reserved by a call of a function, not by a message through Redis.
 */
export async function measureColyseus(redisUrl: string, maps: readonly string[], roomsPerMap: number, players: number): Promise<{ seconds: number }> {
  logger.info = () => undefined
  await matchMaker.setup(new RedisPresence(redisUrl), new RedisDriver(redisUrl), 'localhost')
  for (const map of maps) matchMaker.defineRoomType(map, EmptyRoom)
  await matchMaker.accept()
  await inFlight(maps.length * roomsPerMap, WIDTH, (n) => matchMaker.createRoom(maps[n % maps.length] ?? '', {}))
  const before = matchMaker.stats.local.roomCount
  const done = await inFlight(players, WIDTH, (n) => matchMaker.joinOrCreate(maps[n % maps.length] ?? '', {}))
  if (before !== maps.length * roomsPerMap || matchMaker.stats.local.roomCount !== before) throw new Error('Colyseus made rooms while it was measured')
  return done
}
