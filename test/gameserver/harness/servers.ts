import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { CryptoKey } from 'jose'
import { RedisDirectory } from '../../../directory/redis/redisDirectory.ts'
import { DEMO_STATE_VERSION, type DemoState, freshState } from '../../../gameserver/demo/state.ts'
import { freePort } from '../../../local/agones/freePorts.ts'
import type { Copy } from '../../../model/copy.ts'
import type { MoveOrder } from '../../../model/move.ts'
import type { SeatHolder } from '../../../model/seat.ts'
import { signTicket } from '../../../model/ticket/ticket.ts'
import { ensureKeyPair, readPrivateKey } from '../../../service/keys/keys.ts'
import { signPermit } from '../../../service/keys/permit.ts'
import { sealOrder } from '../../../service/keys/sealedTickets.ts'
import type { PostgresStore } from '../../../store/postgresStore.ts'
import { freshStore } from '../../freshStore.ts'
import { makeCharacter } from '../../people.ts'
import { roleLogin } from '../../roleLogin.ts'
import { Player } from './player.ts'
import { Sidecar } from './sidecar.ts'

const root = join(import.meta.dirname, '../../..')

export interface Served {
  name: string
  sidecar: Sidecar
  process: ChildProcess
  address: string
  probes: string
  ended: Promise<number | null>
}

export interface ServedGame {
  main?: string
  onOutput?: (text: string) => void
}

/** Real game-server processes of the demo with a real PostgreSQL and Redis, and the rights that they have in production. The test takes the place of the orchestrator and the matchmaker. */
export class Servers implements AsyncDisposable {
  readonly store: PostgresStore
  readonly directory: RedisDirectory
  readonly key: CryptoKey
  /** The database with the rights of its owner. */
  readonly ownerUrl: string
  readonly #env: Record<string, string>
  readonly #stack: AsyncDisposableStack
  #count = 0

  private constructor(made: {
    store: PostgresStore
    directory: RedisDirectory
    key: CryptoKey
    url: string
    env: Record<string, string>
    stack: AsyncDisposableStack
  }) {
    this.store = made.store
    this.directory = made.directory
    this.key = made.key
    this.ownerUrl = made.url
    this.#env = made.env
    this.#stack = made.stack
  }

  /** `redis`: another Redis than that of the test run. */
  static async start({ redis = process.env['REDIS_URL'] ?? '' }: { redis?: string } = {}): Promise<Servers> {
    const stack = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'strata-servers-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    await ensureKeyPair(folder, 'ticket')
    const { store, url } = stack.use(await freshStore())
    const login = stack.use(await roleLogin(url, 'gameserver'))
    const prefix = `test-${randomUUID()}:`
    const directory = stack.use(await RedisDirectory.connect(redis, { prefix }))
    const env = { DATABASE_URL: login.url, REDIS_URL: redis, REDIS_PREFIX: prefix, STRATA_KEYS: folder, LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn' }
    return new Servers({ store, directory, key: await readPrivateKey(folder, 'ticket'), url, env, stack })
  }

  get redisPrefix(): string {
    return this.#env['REDIS_PREFIX'] ?? ''
  }
  /** The database with the rights of a game server. */
  get databaseUrl(): string {
    return this.#env['DATABASE_URL'] ?? ''
  }

  /** `main`: the program, that of the demo by default. `onOutput` gets what it prints. */
  async server(env: Record<string, string> = {}, { main = 'gameserver/demo/main.ts', onOutput }: ServedGame = {}): Promise<Served> {
    const name = `server-${++this.#count}`
    const [port, probePort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')]
    const sidecar = this.#stack.use(await Sidecar.start(name, port))
    const child = spawn(process.execPath, [main], {
      cwd: root,
      stdio: ['ignore', onOutput === undefined ? 'inherit' : 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        ...this.#env,
        DRAIN_DEADLINE_MS: '300',
        ...env,
        PORT: String(port),
        PROBE_PORT: String(probePort),
        AGONES_SDK_GRPC_PORT: String(sidecar.port),
      },
    })
    if (onOutput !== undefined) child.stdout?.on('data', (text: Buffer) => onOutput(text.toString()))
    const ended = once(child, 'exit').then(([code]) => code as number | null)
    this.#stack.defer(async () => {
      child.kill('SIGKILL')
      await ended
    })
    await until('a server is Ready', async () => sidecar.record.state === 'Ready', 25_000)
    return { name, sidecar, process: child, address: `ws://127.0.0.1:${port}`, probes: `http://127.0.0.1:${probePort}`, ended }
  }

  /** Orders a copy as the orchestrator does; resolves when it is open. */
  async open(map: string, id: string, { name }: Served): Promise<Copy & { state: 'open' }> {
    const now = Date.now()
    await this.directory.addCopy({ id, map, state: 'opening', server: name, created: now, since: now })
    return until(`copy ${id} is open`, async () => {
      const copy = (await this.directory.snapshot(map)).copies.find((one) => one.id === id)
      return copy?.state === 'open' ? copy : undefined
    })
  }

  async holder(name: string): Promise<SeatHolder> {
    const { character, entity, language } = await makeCharacter(this.store, { name })
    return { character, entity, name, language }
  }

  /** Holds a seat and signs its ticket as the matchmaker does. */
  async ticket(
    holder: SeatHolder,
    copy: Copy & { state: 'open' },
    { move, deadline = Date.now() + 15_000 }: { move?: string; deadline?: number } = {},
  ): Promise<string> {
    await this.directory.holdSeats({ map: copy.map, holders: [holder], options: [{ copy: copy.id, limit: 100 }], now: Date.now(), deadline })
    const until = Math.max(deadline, Date.now() + 15_000)
    const permit = signPermit(await this.store.permitKey(), { character: holder.character, copy: copy.id, server: copy.server, until })
    return signTicket({ id: randomUUID(), holder, copy: copy.id, expires: deadline, ...(move === undefined ? { permit } : { move }) }, this.key)
  }

  /** Seals the tickets of a move and orders it, as the orchestrator does. */
  async orderMove(order: MoveOrder): Promise<void> {
    await this.directory.orderMove(await sealOrder(order, (characters) => this.store.holderKeys(characters)))
  }

  async enter(holder: SeatHolder, copy: Copy & { state: 'open' }): Promise<Player> {
    const player = await Player.join(copy.address, copy.id, await this.ticket(holder, copy))
    await player.live()
    return player
  }

  /** Deletes all keys of this test from Redis, as FLUSHALL would. */
  async emptyDirectory(): Promise<void> {
    const redis = new Redis(this.#env['REDIS_URL'] ?? '')
    const keys = await redis.keys(`*${this.#env['REDIS_PREFIX']}*`)
    if (keys.length > 0) await redis.del(...keys)
    redis.disconnect()
  }

  /** Saves the character in this state, for example at a position, as if it had played before. */
  async place({ character }: SeatHolder, state: Partial<DemoState>): Promise<void> {
    const { epoch } = await this.store.claim(character, { copy: 'before', server: 'before' })
    await this.store.leave(character, epoch, { lastInput: 0, game: { ...freshState(), ...state } }, DEMO_STATE_VERSION)
  }

  async seat(copy: Copy, { character }: SeatHolder): Promise<'held' | 'taken' | undefined> {
    return (await this.directory.snapshot(copy.map)).seats.find((one) => one.copy === copy.id && one.seat.character === character)?.seat.state
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

/** Polls `look` until it returns a value; throws after `timeoutMs`. For effects of other processes, which run in real time. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>, timeoutMs = 8_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
