import { SERVER_LOST_AFTER_MS } from '../../model/server.ts'
import type { RoomLink } from './roomLink.ts'

/** Time between two looks, in ms. */
const LOOK_MS = 1_000
const LOOKS = SERVER_LOST_AFTER_MS / LOOK_MS

/**
 * Notices a server that is lost although nothing has closed the connection, as when its node loses power or network: TCP alone would wait for minutes. A look that finds that nothing has
 * arrived since the look before pings the server. After `LOOKS` such looks in a row the server is lost, for the orchestrator too. Looks are counted instead of time, so that a client
 * that was itself stopped or throttled does not take its server for lost. A link that cannot ping is never lost.
 */
export class Silence {
  readonly #lost: () => void
  #link: RoomLink | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #looks = 0

  constructor(lost: () => void) {
    this.#lost = lost
  }

  /** Watches this link and no other. */
  watch(link: RoomLink): void {
    this.stop()
    this.#link = link
    this.#looks = 0
    this.#timer = setTimeout(() => this.#look(), LOOK_MS)
  }

  /** The link has delivered something. */
  heard(): void {
    this.#looks = 0
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#link = undefined
  }

  #look(): void {
    const link = this.#link
    if (link?.ping === undefined) return
    if (this.#looks >= LOOKS) {
      this.stop()
      this.#lost()
      return
    }
    if (this.#looks++ > 0)
      link.ping(() => {
        if (link === this.#link) this.heard()
      })
    this.#timer = setTimeout(() => this.#look(), LOOK_MS)
  }
}
