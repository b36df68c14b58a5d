import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { matchMaker } from '@colyseus/core'
import { inFlight } from '../report.ts'
import { KIND, setUp } from './colyseusRooms.ts'
import type { Joining } from './colyseusSeeker.ts'

/** Processes that seek rooms behind a load balancer. A deployment with 1,000 rooms has dozens, so each gets few of the concurrent requests. */
export const SEEKERS = 8

/**
 * The peer: `joinOrCreate` of Colyseus, with RedisDriver for the list of rooms and RedisPresence between processes. This process seeks
 * rooms and another one hosts them, as with game servers in pods. Concurrent requests share one read of the list, so Colyseus is fastest
 * with many requests in flight.
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
    if (rooms !== maps.length * roomsPerMap) throw new Error(`Colyseus created ${rooms} rooms instead of ${maps.length * roomsPerMap}`)
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

  /** The same load, spread over several processes that do not share reads of the list. */
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
