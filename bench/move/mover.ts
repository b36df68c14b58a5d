import { StrataClient, type World } from '../../client/index.ts'
import { signInAs } from '../world/signIn.ts'

/** 20 inputs per second. */
const INPUT_EVERY_MS = 50
/** Longest time for the server's answer about applied inputs, in ms. */
const TALLY_TIMEOUT_MS = 5_000

interface Tally {
  applied: number
  repeated: number
  skipped: number
}

/** A player who sends a numbered input twenty times a second, also during moves. */
export class Mover implements AsyncDisposable {
  readonly client: StrataClient
  world: World
  sent = 0
  /** How often the player lost the world or had to reconnect. */
  kicked = 0
  lastSnapshot = 0
  #timer: NodeJS.Timeout | undefined

  private constructor(client: StrataClient, world: World) {
    this.client = client
    this.world = world
    this.#watch()
  }

  static async enter(matchmaker: string, name: string, map: string): Promise<Mover> {
    const client = new StrataClient({ matchmaker })
    await signInAs(client, name)
    return new Mover(client, await client.enter({ map }))
  }

  #watch(): void {
    this.world.on('snapshot', () => {
      this.lastSnapshot = performance.now()
    })
    this.world.on('reconnecting', ({ attempt }) => {
      if (attempt === 0) this.kicked++
    })
    this.world.on('closed', ({ error }) => {
      if (error !== undefined) this.kicked++
    })
  }

  play(): void {
    this.#timer = setInterval(() => {
      if (this.world.input({ n: this.sent + 1 }, { must: true })) this.sent++
    }, INPUT_EVERY_MS)
  }
  rest(): void {
    clearInterval(this.#timer)
  }

  /** Leaves the world and enters another map, as in games without moves. Returns the time from the last snapshot to the next one, in ms. */
  async rejoin(map: string): Promise<number> {
    const last = this.lastSnapshot
    await this.world.leave()
    this.world = await this.client.enter({ map })
    const seen = Promise.withResolvers<void>()
    const off = this.world.on('snapshot', () => seen.resolve())
    await seen.promise
    off()
    const gap = performance.now() - last
    this.#watch()
    return gap
  }

  /** How many inputs no server applied, and how many were applied twice or out of order. */
  async account(): Promise<{ lost: number; duplicates: number }> {
    const tally = Promise.withResolvers<Tally>()
    const off = this.world.on('message', ({ type, data }) => {
      if (type === 'tally') tally.resolve(data as Tally) // tallyServer.ts sends it
    })
    const timer = setTimeout(() => tally.reject(new Error(`the server sent no tally within ${TALLY_TIMEOUT_MS} ms`)), TALLY_TIMEOUT_MS)
    this.world.send('tally', {})
    try {
      const { applied, repeated } = await tally.promise
      return { lost: Math.max(0, this.sent - (applied - repeated)), duplicates: repeated }
    } finally {
      clearTimeout(timer)
      off()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.rest()
    await this.world.leave()
  }
}
