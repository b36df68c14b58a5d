import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { matchMaker } from '@colyseus/core'
import { inFlight } from '../report.ts'
import { KIND, setUp } from './colyseusRooms.ts'
import type { Joining } from './colyseusSeeker.ts'

/** A thousand rooms are dozens of processes, and the load balancer gives each a few of the callers of one instant. */
export const SEEKERS = 8

/**
 * The peer: Colyseus' `joinOrCreate`, the rooms listed in Redis by RedisDriver, the processes joined by RedisPresence. This one
 * seeks rooms, another has them, as it is when game servers are pods. Callers of one instant share one reading of the list, so
 * that it does best with many at once.
 */
export class Colyseus implements AsyncDisposable {
  readonly #server: ChildProcess
  readonly #seekers: readonly ChildProcess[]
  readonly #maps: readonly string[]

  private constructor(server: ChildProcess, seekers: readonly ChildProcess[], maps: readonly string[]) {
    this.#server = server
    this.#seekers = seekers
    this.#maps = maps
  }

  static async start(redisUrl: string, maps: readonly string[], roomsPerMap: number): Promise<Colyseus> {
    const server = fork(new URL('./colyseusRooms.ts', import.meta.url), [redisUrl, maps.join(','), String(roomsPerMap)], { execArgv: [] })
    const [rooms] = await once(server, 'message')
    if (rooms !== maps.length * roomsPerMap) throw new Error(`Colyseus has made ${rooms} rooms`)
    await setUp(redisUrl)
    await matchMaker.accept(true)
    const seekers: ChildProcess[] = []
    for (let n = 0; n < SEEKERS; n++) {
      const seeker = fork(new URL('./colyseusSeeker.ts', import.meta.url), [redisUrl, maps.join(',')], { execArgv: [] })
      await once(seeker, 'message')
      seekers.push(seeker)
    }
    return new Colyseus(server, seekers, maps)
  }

  async join(count: number, width: number): Promise<{ seconds: number; cpuMicros: number }> {
    const cpu = process.cpuUsage()
    const { seconds } = await inFlight(count, width, (n) => matchMaker.joinOrCreate(KIND, { map: this.#maps[n % this.#maps.length] }))
    const { user, system } = process.cpuUsage(cpu)
    return { seconds, cpuMicros: user + system }
  }

  /** The same load through several processes, each of which shares its readings of the list with nobody else. */
  async joinSpread(count: number, width: number): Promise<{ seconds: number }> {
    const began = performance.now()
    await Promise.all(
      this.#seekers.map(async (seeker) => {
        const joined = once(seeker, 'message')
        seeker.send({ count: count / this.#seekers.length, width: width / this.#seekers.length } satisfies Joining)
        await joined
      }),
    )
    return { seconds: (performance.now() - began) / 1000 }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of [this.#server, ...this.#seekers]) process.kill('SIGKILL')
    await matchMaker.driver.shutdown()
    matchMaker.presence.shutdown()
  }
}
