import type { MoveId } from '../model/ids.ts'
import { control, type GoMessage, type LiveMessage, type OfferMessage, SNAPSHOT } from '../model/wire/room.ts'
import { decodeSnapshot } from '../model/wire/snapshot.ts'
import type { Connect, RoomLink } from './roomLink.ts'
import { WorldView } from './worldView.ts'

export interface StandbyListeners {
  /** B claimed the character: the world may go over. */
  live(message: LiveMessage): void
  /** Other messages of B after it is live, and snapshots after the first. */
  message(type: string, data: unknown): void
  closed(code: number): void
}

/**
 * The destination's side of one move, in the client: connected, seeing the surroundings, not there yet.
 * Snapshots fill a view of its own until B says `live`; from then on everything is passed on.
 */
export class Standby {
  readonly offer: OfferMessage
  readonly view = new WorldView()
  readonly link: RoomLink
  #isLive = false

  private constructor(offer: OfferMessage, link: RoomLink, listeners: StandbyListeners) {
    this.offer = offer
    this.link = link
    link.listen({ message: (type, data) => this.#receive(type, data, listeners), closed: (code) => listeners.closed(code) })
  }

  static async connect(offer: OfferMessage, connect: Connect, listeners: StandbyListeners): Promise<Standby> {
    return new Standby(offer, await connect(offer), listeners)
  }

  get move(): MoveId {
    return this.offer.move
  }

  activate({ move, epoch }: GoMessage): void {
    this.link.send(control.activate, { move, epoch })
  }

  #receive(type: string, data: unknown, listeners: StandbyListeners): void {
    if (type === control.live && !this.#isLive) {
      this.#isLive = true
      listeners.live(data as LiveMessage) // the server writes what model/wire/room.ts says
    } else if (type === SNAPSHOT && !this.#isLive) {
      this.view.apply(decodeSnapshot(data as Uint8Array), performance.now()) // bytes: so says the message's type
    } else if (this.#isLive) listeners.message(type, data)
  }
}
