import { fork } from 'node:child_process'
import { once } from 'node:events'
import { matchMaker } from '@colyseus/core'
import { joinAll, setUp } from './colyseusRooms.ts'

export interface ColyseusFigures {
  /** The rooms are in another process, as they are when game servers are pods: what a matchmaker is for. */
  perSecond: number
  /** Everything in one process: a seat is reserved by a call of a function. */
  inOneProcessPerSecond: number
}

/** The peer: Colyseus' `joinOrCreate`, the rooms listed in Redis by RedisDriver, the processes joined by RedisPresence. */
export async function measureColyseus(redisUrl: string, maps: readonly string[], roomsPerMap: number, joins: number): Promise<ColyseusFigures> {
  const file = new URL('./colyseusRooms.ts', import.meta.url)
  const server = fork(file, [redisUrl, maps.join(','), String(roomsPerMap), String(joins)], { execArgv: [] })
  try {
    const [{ perSecond: inOneProcessPerSecond, rooms }] = (await once(server, 'message')) as [{ perSecond: number; rooms: number }] // as it sends
    if (rooms !== maps.length * roomsPerMap) throw new Error(`Colyseus had ${rooms} rooms while it was measured`)
    await setUp(redisUrl)
    await matchMaker.accept(true)
    return { perSecond: await joinAll(maps, joins), inOneProcessPerSecond }
  } finally {
    server.kill('SIGKILL')
  }
}
