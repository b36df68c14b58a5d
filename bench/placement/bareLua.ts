import { readFile } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { batchWrites } from '../../directory/redis/batchWrites.ts'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import { inFlight } from '../report.ts'
import { COPIES, SOFT, WIDTH } from './size.ts'

type Call = (...args: (string | number)[]) => Promise<unknown>

/**
 * The upper limit that Redis sets: scripts called with prepared arguments by a client that does nothing else. Writes are batched as in the
 * directory. `seat` is the directory's own script (caps, lease, numbered event). `firstFit` is the smallest possible seat script; it lacks
 * what a matchmaker needs.
 */
export class BareLua implements Disposable {
  readonly #redis: Redis
  readonly #seat: Call
  readonly #firstFit: Call

  private constructor(redis: Redis, seat: Call, firstFit: Call) {
    this.#redis = redis
    this.#seat = seat
    this.#firstFit = firstFit
  }

  static async connect(url: string): Promise<BareLua> {
    const redis = new Redis(url)
    const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')
    const lua = '../../directory/redis/lua'
    redis.defineCommand('bareSeat', { lua: `${await read(`${lua}/common.lua`)}\n${await read(`${lua}/holdSeats.lua`)}`, numberOfKeys: 1 })
    redis.defineCommand('bareFirstFit', { lua: await read('firstFit.lua'), numberOfKeys: COPIES })
    const methods = redis as unknown as { bareSeat: Call; bareFirstFit: Call } // `defineCommand` added both
    return new BareLua(redis, methods.bareSeat.bind(redis), methods.bareFirstFit.bind(redis))
  }

  /** Runs the directory's seat script for each request, on empty maps of the same size. Keys begin with `prefix`. */
  async seat(requests: readonly PlacementRequest[], prefix: string): Promise<{ seconds: number }> {
    for (const map of new Set(requests.map((request) => request.map))) {
      for (let n = 1; n <= COPIES; n++) await this.#redis.hset(`${prefix}{map:${map}}:states`, `${map}-${n}`, 'open')
    }
    const now = Date.now()
    const deadline = now + 600_000
    const calls = requests.map(({ map, members: [member] }) => {
      const seat = JSON.stringify({ ...member?.holder, state: 'held', deadline })
      const options = Array.from({ length: COPIES }, (_, n) => `${map}-${n + 1}\0${SOFT}\0${0}\0`).join('')
      return [`${prefix}{map:${map}}`, now, deadline, '', '', 0, '', 1, member?.holder.character ?? '', seat, options, `${prefix}events`, `${prefix}crowd`]
    })
    return this.#all(calls, this.#seat)
  }

  async firstFit(requests: readonly PlacementRequest[], prefix: string): Promise<{ seconds: number }> {
    const calls = requests.map(({ map, members: [member] }) => [
      ...Array.from({ length: COPIES }, (_, n) => `${prefix}{map:${map}}:seats:${n}`),
      member?.holder.character ?? '',
      JSON.stringify({ ...member?.holder, state: 'held' }),
      SOFT,
    ])
    return this.#all(calls, this.#firstFit)
  }

  async #all(calls: readonly (string | number)[][], call: Call): Promise<{ seconds: number }> {
    const results = new Set<unknown>()
    const done = await inFlight(calls.length, WIDTH, async (n) => {
      batchWrites(this.#redis)
      results.add(await call(...(calls[n] ?? [])))
    })
    if (results.has(null) || results.has(0)) throw new Error('a script found no seat: the peer would be measured with less work than Strata')
    return done
  }

  [Symbol.dispose](): void {
    this.#redis.disconnect()
  }
}
