import { createWriteStream, type WriteStream } from 'node:fs'
import type { World } from '../../../client/index.ts'

/** One event of one bot, written as a line of JSON. The chaos tests check from these that no character was in two places at once. */
export interface BotEvent {
  /** Milliseconds since 1970. */
  at: number
  bot: string
  event: 'live' | 'lost' | 'back' | 'out' | 'sees'
  entity?: number
  copy?: string
  map?: string
  /** Players in sight. */
  players?: number[]
  downMs?: number
}

/** Interval in ms between two `sees` events of a bot. */
const SEES_EVERY_MS = 1_000
/** Entity kind of a player's body in the demo. */
const PLAYER = 0

/** Writes the events of all bots to one file. */
export class EventLog {
  readonly #file: WriteStream
  constructor(file: string) {
    this.#file = createWriteStream(file, { flags: 'w' })
  }

  write(event: Omit<BotEvent, 'at'>): void {
    this.#file.write(`${JSON.stringify({ at: Date.now(), ...event })}\n`)
  }

  /** Records the events of one world until it is closed. */
  follow(bot: string, world: World): void {
    const here = (): Pick<BotEvent, 'entity' | 'copy' | 'map'> => ({ entity: world.self, copy: world.copy, map: world.map })
    let lost = false
    let fresh = false
    world.on('snapshot', () => {
      fresh = world.settled
    })
    this.write({ bot, event: 'live', ...here() })
    world.on('live', () => {
      fresh = false // the world still shows the source copy until the first snapshot of the destination
      this.write({ bot, event: 'live', ...here() })
    })
    world.on('reconnecting', ({ attempt }) => {
      lost = true
      if (attempt === 0) this.write({ bot, event: 'lost', ...here() })
    })
    world.on('reconnected', ({ downMs }) => {
      lost = false
      this.write({ bot, event: 'back', downMs: Math.round(downMs), ...here() })
    })
    const timer = setInterval(() => {
      // Without a new snapshot the world shows the past, and during a move also what it keeps on the screen.
      if (lost || !fresh || !world.settled) return
      fresh = false
      const players = [...world.entities.values()].filter(({ kind, id }) => kind === PLAYER && id !== world.self).map(({ id }) => id)
      this.write({ bot, event: 'sees', players, ...here() })
    }, SEES_EVERY_MS)
    world.on('closed', () => {
      clearInterval(timer)
      this.write({ bot, event: 'out', ...here() })
    })
  }

  end(): Promise<void> {
    return new Promise((resolve) => this.#file.end(resolve))
  }
}
