import { type EntityId, FIRST_THING, type MapName } from '../model/ids.ts'
import type { ChatEvent } from '../model/wire/chat.ts'
import type { EntitiesLayout } from '../model/wire/entities/defineEntities.ts'
import { control, type LiveMessage, type OfferMessage, SNAPSHOT, type StayMessage } from '../model/wire/room.ts'
import type { Snapshot } from '../model/wire/snapshot.ts'
import type { PlacementApi } from './api/placementApi.ts'
import { StrataClientError, toClientError } from './errors.ts'
import type { ChatLine } from './room/chatLine.ts'
import { type FollowEffect, type FollowEvent, type Following, follow, withheld } from './room/moveFollower.ts'
import type { MoveGap } from './room/moveGap.ts'
import type { Outbox } from './room/outbox.ts'
import type { Connect, RoomLink } from './room/roomLink.ts'
import type { LiveView } from './view/liveView.ts'
import { WorldView } from './worldView.ts'

/** Longest time from `activate` to `live` or `stay`, in ms, including a reclaim by A. After that the client enters again through the matchmaker. */
const GO_TIMEOUT_MS = 12_000

/** The parts of one world that take part in a move, and what the world does when its state changes. */
export interface MovesParts {
  api: PlacementApi
  connect: Connect
  protocol: number
  outbox: Outbox
  chat: ChatLine
  gap: MoveGap
  view: WorldView
  shown: LiveView
  /** Aborted when the world is left. */
  closing: AbortSignal
  /** Where the character is live. */
  here(): LiveMessage
  /** Sets the world's listeners on a link. */
  listen(link: RoomLink): void
  /** The character is live behind this link. Returns the number of inputs that it gets again. */
  playOn(link: RoomLink, live: LiveMessage): number
  /** A server that keeps the character gets everything that it has not handled yet. */
  resend(link: RoomLink, lastInput: number): void
  /** The character is live at the destination. */
  moved(live: LiveMessage): void
  failed(stay: StayMessage): void
  enterAgain(cause: StrataClientError): void
}

/** Follows the moves of one character: connects to the destination while the source goes on, and swaps when the character is live there. */
export class Moves {
  readonly #parts: MovesParts
  #move: Following = { state: 'idle' }
  #standby: RoomLink | undefined
  /** View of another map while the client is on standby there. */
  #beyond: { map: MapName; view: WorldView } | undefined
  #goTimer: ReturnType<typeof setTimeout> | undefined

  constructor(parts: MovesParts) {
    this.#parts = parts
  }

  /** The connection to the destination of a move. */
  get standby(): RoomLink | undefined {
    return this.#standby
  }
  get beyond(): { map: MapName; view: WorldView } | undefined {
    return this.#beyond
  }
  /** Whether inputs wait, because the character may be live at either server. */
  get withheld(): boolean {
    return withheld(this.#move)
  }

  /** `cause`: why the source has closed. */
  advance(event: FollowEvent, cause?: StrataClientError): void {
    const { next, effects } = follow(this.#move, event)
    this.#move = next
    for (const effect of effects) this.#perform(effect, cause)
    if (!withheld(next)) clearTimeout(this.#goTimer)
  }

  /** Handles one message of the destination; `type` determines which shape of model/wire/room.ts the data has. */
  receive(link: RoomLink, type: string, data: unknown): void {
    const { chat, shown } = this.#parts
    if (type === control.live) this.#goLive(link, data as LiveMessage)
    else if (type === control.chat) chat.receivedEarly(data as ChatEvent)
    else if (type === SNAPSHOT) this.#applySnapshot(data as Snapshot)
    else if (type === control.layout) shown.layout(data as EntitiesLayout, { standby: true })
  }

  standbyClosed(reason: string): void {
    this.#forgetStandby()
    this.advance({ type: 'destinationClosed', reason })
  }

  /** Asks for a seat in the neighbouring map. The server offers it like any other move. Without a seat the player cannot cross the border. */
  async requestBorderSeat(map: MapName): Promise<void> {
    const { api, protocol, closing } = this.#parts
    // A move over another border that is not under way yet gives way to this one.
    const replaces =
      (this.#move.state === 'connecting' || this.#move.state === 'standing') && this.#move.offer.cause === 'border' && this.#move.offer.map !== map
    if (this.#move.state !== 'idle' && !replaces) return
    await api.travel({ map, border: true, protocol }, closing).catch(() => undefined)
  }

  /** The world is left. Returns the connection to the destination, which is to be left, too. */
  end(): RoomLink | undefined {
    clearTimeout(this.#goTimer)
    const link = this.#standby
    this.#standby = undefined
    return link
  }

  #perform(effect: FollowEffect, cause: StrataClientError | undefined): void {
    const { outbox, chat, gap } = this.#parts
    switch (effect.type) {
      case 'connect':
        void this.#standBy(effect.offer)
        return
      case 'arrived':
        // A scene without changes sends no snapshots: A simulated at least until now.
        gap.active(performance.now())
        outbox.link?.send(control.arrived, { move: effect.move })
        return
      case 'decline':
        outbox.link?.send(control.declined, { move: effect.move, reason: effect.reason.slice(0, 200) })
        return
      case 'activate':
        outbox.withhold(effect.go.lastInput)
        chat.pause()
        this.#goTimer = setTimeout(() => this.advance({ type: 'timeout' }), GO_TIMEOUT_MS)
        this.#standby?.send(control.activate, { move: effect.go.move, epoch: effect.go.epoch })
        return
      case 'leaveDestination':
        void this.#standby?.leave()
        this.#forgetStandby()
        return
      case 'swap':
        return // done by #goLive, which has the message
      case 'stay':
        gap.released()
        if (outbox.link !== undefined) this.#parts.resend(outbox.link, effect.stay.lastInput)
        break
      case 'refused':
        break
      case 'enterAgain':
        this.#parts.enterAgain(cause ?? new StrataClientError('UNREACHABLE', 'the move was never finished', true))
        return
    }
    this.#parts.failed(effect.stay)
  }

  async #standBy(offer: OfferMessage): Promise<void> {
    const { address, copy, ticket, move, map } = offer
    const { connect, closing, here, view, chat } = this.#parts
    const me = offer.at ?? view.entities.get(here().entity)
    try {
      const link = await connect({ address, copy, ticket, ...(me === undefined ? {} : { at: { x: me.x, y: me.y } }) })
      // The state may have changed during the connection.
      if (closing.aborted || this.#move.state !== 'connecting' || this.#move.offer.move !== move) {
        void link.leave()
        return
      }
      this.#standby = link
      this.#beyond = map === here().map ? undefined : { map, view: new WorldView() }
      this.#parts.listen(link)
      chat.rejoin(link)
      this.advance({ type: 'connected', move })
    } catch (error) {
      this.advance({ type: 'refused', move, reason: toClientError(error).message })
    }
  }

  #applySnapshot(snapshot: Snapshot): void {
    const now = performance.now()
    this.#parts.shown.standby(snapshot.tick, now)
    this.#beyond?.view.apply(snapshot, now)
  }

  #forgetStandby(): void {
    this.#standby = undefined
    this.#beyond = undefined
    this.#parts.shown.forgetStandby()
    this.#parts.chat.forgetEarly()
  }

  /** Swaps to B, which is live. B's first snapshot is a full one and follows at once; the view keeps the entities that both have. */
  #goLive(link: RoomLink, message: LiveMessage): void {
    if (this.#move.state !== 'going') return
    const { outbox, gap, view, here } = this.#parts
    const { offer } = this.#move
    const [source, from] = [outbox.link, here()]
    this.advance({ type: 'live' })
    this.#standby = undefined
    this.#beyond = undefined
    const replayed = this.#parts.playOn(link, message)
    const to = { map: message.map, copy: message.copy }
    gap.arrived({ move: offer.move, cause: offer.cause, from: { map: from.map, copy: from.copy }, to, replayed })
    view.keepUntilShown(this.#expectedEntities(offer, from.map === message.map), performance.now())
    void source?.leave()
    this.#parts.moved(message)
  }

  /** Entities that B will show a little later: companions, and in the same map its things at the edge of the view. */
  #expectedEntities({ companions }: OfferMessage, sameMap: boolean): EntityId[] {
    return sameMap ? [...companions, ...[...this.#parts.view.entities.keys()].filter((id) => id >= FIRST_THING)] : companions
  }
}
