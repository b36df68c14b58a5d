import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { matchMaker } from '@colyseus/core'
import { inFlight } from '../report.ts'
import { KIND, setUp } from './colyseusRooms.ts'

/**
 * The peer: Colyseus' `joinOrCreate`, the rooms listed in Redis by RedisDriver, the processes joined by RedisPresence. This one
 * seeks rooms, another has them, as it is when game servers are pods. Callers of one instant share one reading of the list, so
 * that it does best with many at once.
 */
export class Colyseus implements AsyncDisposable {
  readonly #server: ChildProcess
  readonly #maps: readonly string[]

  private constructor(server: ChildProcess, maps: readonly string[]) {
    this.#server = server
    this.#maps = maps
  }

  static async start(redisUrl: string, maps: readonly string[], roomsPerMap: number): Promise<Colyseus> {
    const server = fork(new URL('./colyseusRooms.ts', import.meta.url), [redisUrl, maps.join(','), String(roomsPerMap)], { execArgv: [] })
    const [rooms] = await once(server, 'message')
    if (rooms !== maps.length * roomsPerMap) throw new Error(`Colyseus has made ${rooms} rooms`)
    await setUp(redisUrl)
    await matchMaker.accept(true)
    return new Colyseus(server, maps)
  }

  async join(count: number, width: number): Promise<{ seconds: number; cpuMicros: number }> {
    const cpu = process.cpuUsage()
    const { seconds } = await inFlight(count, width, (n) => matchMaker.joinOrCreate(KIND, { map: this.#maps[n % this.#maps.length] }))
    const { user, system } = process.cpuUsage(cpu)
    return { seconds, cpuMicros: user + system }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.kill('SIGKILL')
    await matchMaker.driver.shutdown()
    matchMaker.presence.shutdown()
  }
}
