import { matchMaker } from '@colyseus/core'
import { inFlight } from '../report.ts'
import { KIND, setUp } from './colyseusRooms.ts'

/** A Colyseus process that hosts no rooms and only seeks them, as each process behind a load balancer does. Arguments: URL of Redis, maps. */
export interface Joining {
  count: number
  width: number
}

if (import.meta.main) {
  const [redisUrl = '', mapList = ''] = process.argv.slice(2)
  const maps = mapList.split(',')
  await setUp(redisUrl)
  await matchMaker.accept(true)
  process.on('message', ({ count, width }: Joining) => {
    void inFlight(count, width, (n) => matchMaker.joinOrCreate(KIND, { map: maps[n % maps.length] })).then(() => process.send?.('joined'))
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.('ready')
}
