import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Redis } from 'ioredis'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import { type Report, rounded } from '../report.ts'
import type { BenchMatchmaker } from '../world/matchmaker.ts'
import { placeAll } from './placeAll.ts'

/** Few in flight: their number does not change what Redis works on each call. */
const WIDTH = 4
const LOG_LENGTH = 100_000

/** The time that Redis works on each call of the seat script, in microseconds, from its slow log, which takes every command here. */
export class SeatMicros implements AsyncDisposable {
  readonly #redis: Redis
  readonly #sha: string

  private constructor(redis: Redis, sha: string) {
    this.#redis = redis
    this.#sha = sha
  }

  static async connect(url: string): Promise<SeatMicros> {
    const read = (name: string): Promise<string> => readFile(new URL(`../../directory/redis/lua/${name}.lua`, import.meta.url), 'utf8')
    const text = `${await read('common')}\n${await read('holdSeats')}`
    return new SeatMicros(new Redis(url), createHash('sha1').update(text).digest('hex'))
  }

  async of(matchmaker: BenchMatchmaker, requests: readonly PlacementRequest[]): Promise<Report> {
    await this.#redis.config('SET', 'slowlog-max-len', LOG_LENGTH)
    await this.#redis.config('SET', 'slowlog-log-slower-than', 0)
    await this.#redis.call('SLOWLOG', 'RESET')
    const { refused } = await placeAll(matchmaker, requests, WIDTH)
    await this.#redis.config('SET', 'slowlog-log-slower-than', 10_000)
    const entries = (await this.#redis.call('SLOWLOG', 'GET', '-1')) as [number, number, number, string[]][] // id, time, microseconds, arguments
    const micros = entries.flatMap(([, , took, [command, sha]]) => (command?.toLowerCase() === 'evalsha' && sha === this.#sha ? [took] : []))
    micros.sort((a, b) => a - b)
    const middle = micros.slice(Math.floor(micros.length * 0.05), Math.ceil(micros.length * 0.95))
    return { micros: rounded(middle.reduce((sum, one) => sum + one, 0) / middle.length, 1), calls: micros.length, refused }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect()
  }
}
