import { createWriteStream, type WriteStream } from 'node:fs'
import type { World } from '../../../client/index.ts'

/** What happens to one bot, and what it sees, as a line of JSON each: for whoever checks afterwards that nobody was in two places. */
export interface DiaryLine {
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

const SEES_EVERY_MS = 1_000
const PLAYER = 0

/** Writes lines of all bots into one file. */
export class Diary {
  readonly #file: WriteStream
  constructor(file: string) {
    this.#file = createWriteStream(file, { flags: 'w' })
  }

  write(line: Omit<DiaryLine, 'at'>): void {
    this.#file.write(`${JSON.stringify({ at: Date.now(), ...line })}\n`)
  }

  /** Follows one world until it is closed. */
  follow(bot: string, world: World): void {
    const here = (): Pick<DiaryLine, 'entity' | 'copy' | 'map'> => ({ entity: world.self, copy: world.copy, map: world.map })
    let lost = false
    let fresh = false
    world.on('snapshot', () => {
      fresh = true
    })
    this.write({ bot, event: 'live', ...here() })
    world.on('live', () => {
      fresh = false // until B's first picture one still looks at A's
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
    const look = setInterval(() => {
      // An old picture tells nothing of now.
      if (lost || !fresh) return
      fresh = false
      const players = [...world.entities.values()].filter(({ kind, id }) => kind === PLAYER && id !== world.self).map(({ id }) => id)
      this.write({ bot, event: 'sees', players, ...here() })
    }, SEES_EVERY_MS)
    world.on('closed', () => {
      clearInterval(look)
      this.write({ bot, event: 'out', ...here() })
    })
  }

  end(): Promise<void> {
    return new Promise((resolve) => this.#file.end(resolve))
  }
}
