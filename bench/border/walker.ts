import { StrataClient, type World } from '../../client/index.ts'
import { signInAs } from '../world/signIn.ts'

/** How often a walker decides on its direction, in ms. */
const DECIDE_EVERY_MS = 100

/** The x coordinate of the border in each of the demo's two maps, in metres. */
const borderX = { forest: 300, hills: -400 } as const
type Side = keyof typeof borderX

/** A player who walks over the border between two maps of the demo at full speed. */
export class Walker implements AsyncDisposable {
  readonly world: World
  /** For each crossing, how long the own body did not move, in ms. */
  readonly stops: number[] = []
  crossings = 0
  /** How often the player lost the world or had to reconnect. */
  kicked = 0
  #x = Number.NaN
  #steppedAt = performance.now()
  #map: string
  #timer: NodeJS.Timeout | undefined

  private constructor(world: World) {
    this.world = world
    this.#map = world.map
    world.on('snapshot', () => this.#recordStep())
    world.on('moved', ({ cause }) => {
      if (cause === 'border') this.crossings++
    })
    world.on('reconnecting', ({ attempt }) => {
      if (attempt === 0) this.kicked++
    })
    world.on('closed', ({ error }) => {
      if (error !== undefined) this.kicked++
    })
  }

  static async enter(matchmaker: string, name: string): Promise<Walker> {
    const client = new StrataClient({ matchmaker })
    await signInAs(client, name)
    return new Walker(await client.enter({ map: 'forest' }))
  }

  /** Distance past the border in metres; positive on the side of the hills. */
  get past(): number {
    const side = this.world.map as Side // the bench has only these two maps
    return (this.world.entities.get(this.world.self)?.x ?? Number.NaN) - borderX[side]
  }

  /** Keeps walking; `direction` is asked every `DECIDE_EVERY_MS` and returns 1 for towards the hills. */
  walk(direction: (past: number, map: string) => 1 | -1): void {
    this.stop()
    let last = 0
    this.#timer = setInterval(() => {
      const dx = direction(this.past, this.world.map)
      if (dx !== last && this.world.input({ dx, dy: 0 }, { must: true })) last = dx
    }, DECIDE_EVERY_MS)
  }
  stop(): void {
    clearInterval(this.#timer)
  }

  #recordStep(): void {
    const now = performance.now()
    const x = this.world.entities.get(this.world.self)?.x ?? Number.NaN
    if (x === this.#x && this.world.map === this.#map) return
    if (this.world.map !== this.#map) this.stops.push(now - this.#steppedAt)
    this.#map = this.world.map
    this.#x = x
    this.#steppedAt = now
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
    await this.world.leave()
  }
}
