import { StrataClient, type World } from '../../client/index.ts'

const TURN_EVERY_MS = 100

/** The line between forest (east of its middle) and hills (west of its), as the demo's maps have it. */
const line = { forest: 300, hills: -400 } as const
type Side = keyof typeof line

/** Walks over the line between two maps of the demo at full speed. */
export class Walker implements AsyncDisposable {
  readonly world: World
  /** Milliseconds without a step, over each crossing. */
  readonly stops: number[] = []
  crossings = 0
  kicked = 0
  #x = Number.NaN
  #stepped = performance.now()
  #map: string
  #timer: NodeJS.Timeout | undefined

  private constructor(world: World) {
    this.world = world
    this.#map = world.map
    world.on('snapshot', () => this.#look())
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
    await client.login({ name })
    return new Walker(await client.enter({ map: 'forest' }))
  }

  /** Metres past the line, towards the hills. */
  get past(): number {
    const side = this.world.map as Side // the bench has these two
    return (this.world.entities.get(this.world.self)?.x ?? Number.NaN) - line[side]
  }

  /** Keeps walking as `direction` says, ten times a second: 1 is towards the hills. */
  walk(direction: (past: number, map: string) => 1 | -1): void {
    this.stop()
    let last = 0
    this.#timer = setInterval(() => {
      const dx = direction(this.past, this.world.map)
      if (dx !== last && this.world.input({ dx, dy: 0 })) last = dx
    }, TURN_EVERY_MS)
  }
  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const now = performance.now()
    const x = this.world.entities.get(this.world.self)?.x ?? Number.NaN
    if (x === this.#x && this.world.map === this.#map) return
    if (this.world.map !== this.#map) this.stops.push(now - this.#stepped)
    this.#map = this.world.map
    this.#x = x
    this.#stepped = now
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
    await this.world.leave()
  }
}
