import { logger, matchMaker, Room } from '@colyseus/core'
import { RedisDriver } from '@colyseus/redis-driver'
import { RedisPresence } from '@colyseus/redis-presence'
import { inFlight } from '../report.ts'
import { SOFT, WIDTH } from './size.ts'

/**
 * A game server of Colyseus with all the rooms; run by `colyseus.ts` as a process of its own. Arguments: Redis, maps, rooms of
 * each. One kind of room for all maps, as Strata's servers have it, told apart by an option; the fullest first, which is the
 * one of Strata's signals that it has.
 */
export const KIND = 'zone'

class EmptyRoom extends Room {
  override autoDispose = false
  override maxClients = SOFT
  /** As long as the bench's own seats are held. */
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
