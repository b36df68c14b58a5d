import { logger, matchMaker, Room } from '@colyseus/core'
import { RedisDriver } from '@colyseus/redis-driver'
import { RedisPresence } from '@colyseus/redis-presence'
import { inFlight } from '../report.ts'
import { SOFT, WIDTH } from './size.ts'

/**
 * A Colyseus game server that hosts all rooms; `colyseus.ts` starts it as a separate process. Arguments: URL of Redis, maps, rooms per
 * map. All maps share one room type and differ by an option, as in Strata. Rooms are sorted fullest first, the only one of Strata's
 * signals that Colyseus has.
 */
export const KIND = 'zone'

class EmptyRoom extends Room {
  override autoDispose = false
  override maxClients = SOFT
  /** In seconds: equal to the lease of Strata's seats in this bench. */
  override seatReservationTimeout = 600
}

export async function setUp(redisUrl: string): Promise<void> {
  logger.info = () => undefined
  await matchMaker.setup(new RedisPresence(redisUrl), new RedisDriver(redisUrl), 'localhost')
  matchMaker.defineRoomType(KIND, EmptyRoom).filterBy(['map']).sortBy({ clients: -1 })
}

if (import.meta.main) {
  const [redisUrl = '', mapList = '', roomsPerMap = ''] = process.argv.slice(2)
  const maps = mapList.split(',')
  await setUp(redisUrl)
  await matchMaker.accept()
  await inFlight(maps.length * Number(roomsPerMap), WIDTH, (n) => matchMaker.createRoom(KIND, { map: maps[n % maps.length] }))
  process.on('disconnect', () => process.exit(0))
  process.send?.(matchMaker.stats.local.roomCount)
}
