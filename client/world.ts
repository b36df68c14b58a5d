import { type CopyId, type EntityId, FIRST_THING, type MapName } from '../model/ids.ts'
import type { SeatAnswer } from '../model/wire/matchmaker.ts'
import {
  type AckMessage,
  type BorderMessage,
  type ClosingMessage,
  control,
  type GoMessage,
  type IdleMessage,
  type LiveMessage,
  type OfferMessage,
  type SavingMessage,
  SNAPSHOT,
  type StayMessage,
} from '../model/wire/room.ts'
import { decodeSnapshot, type EntityView } from '../model/wire/snapshot.ts'
import { Emitter } from './emitter.ts'
import { enterAgain } from './enter/enterAgain.ts'
import type { MatchmakerApi } from './enter/matchmakerApi.ts'
import { type WaitOptions, type Wish, waitForMove, waitForSeat } from './enter/takeSeat.ts'
import { fromCloseCode, StrataClientError, toClientError } from './errors.ts'
import { InputLog } from './room/inputLog.ts'
import { joinLive } from './room/joinLive.ts'
import { type FollowEffect, type FollowEvent, type Following, follow, withheld } from './room/moveFollower.ts'
import { Outbox } from './room/outbox.ts'
import type { Connect, RoomLink } from './room/roomLink.ts'
import { completeTravel } from './travel.ts'
import type { MovedEvent, WorldEvents } from './worldEvents.ts'
import { WorldView } from './worldView.ts'

/** How long B may take from `activate` to `live`, A's claiming back included, before the client looks for itself where it is. */
const GO_TIMEOUT_MS = 12_000

export interface WorldParts {
  api: MatchmakerApi
  connect: Connect
  protocol: number
}

/**
 * One continuous world, whatever copies and servers are behind it. Moves, drops and lines happen in here; the game sees
 * `entities` that keep their identity, and events.
 */
export class World extends Emitter<WorldEvents> {
  readonly #parts: WorldParts
  readonly #view = new WorldView()
  readonly #inputs = new InputLog()
  readonly #outbox = new Outbox()
  readonly #closing = new AbortController()
  /** What is seen of another map while standing by there. */
  #beyond: { map: MapName; view: WorldView } | undefined
  /** Where we are live; absent while reconnecting. */
  #link: RoomLink | undefined
  #standby: RoomLink | undefined
  #following: Following = { state: 'idle' }
  #goTimer: ReturnType<typeof setTimeout> | undefined
  #live: LiveMessage | undefined
  /** Last proof that the world went on: a picture, or an input applied (a scene in which nothing changes sends no pictures). */
  #lastSignMs = 0
  /** Set when B is live, until its first picture is shown: then the gap is known. */
  #arriving: { since: number; heldSince: number; event: Omit<MovedEvent, 'gapMs' | 'heldMs' | 'change'> } | undefined
  /** When A said that the body is frozen. */
  #heldSince: number | undefined

  private constructor(parts: WorldParts) {
    super()
    this.#parts = parts
  }

  /** Takes the seat and returns when the body is there. */
  static async enter(seat: SeatAnswer, parts: WorldParts): Promise<World> {
    const world = new World(parts)
    await world.#join(seat)
    return world
  }

  get entities(): ReadonlyMap<EntityId, EntityView> {
    return this.#view.entities
  }
  /** Entity of one's own character; the same for ever. */
  get self(): EntityId {
    return this.#here.entity
  }
  get map(): MapName {
    return this.#here.map
  }
  get copy(): CopyId {
    return this.#here.copy
  }
  /** What the server last told of one's own character when it went live (`ZoneRoom.selfState`). */
  get selfState(): unknown {
    return this.#here.self
  }
  /** Near a border: what is there on the other side, in the other map's own coordinates; only to look at. */
  get beyond(): { map: MapName; entities: ReadonlyMap<EntityId, EntityView> } | undefined {
    return this.#beyond === undefined ? undefined : { map: this.#beyond.map, entities: this.#beyond.view.entities }
  }
  get tickRate(): number {
    return this.#here.tickRate
  }
  get closed(): boolean {
    return this.#closing.signal.aborted
  }
  /** Inputs that no server has confirmed yet, and those that were given up when a connection broke. */
  get inputs(): { pending: number; dropped: number } {
    return { pending: this.#inputs.pending, dropped: this.#inputs.dropped }
  }
  get #here(): LiveMessage {
    if (this.#live === undefined) throw new StrataClientError('CLOSED', 'the world was not entered', false)
    return this.#live
  }

  /** One input of the game: applied once, in order, on whatever server one is. `false` while reconnecting: its moment passes unheard. */
  input(data: unknown): boolean {
    if (this.#link === undefined) return false
    const input = this.#inputs.add(data)
    if (!withheld(this.#following)) this.#link.send(control.input, input)
    return true
  }

  /** A message of the game to the room. Between two servers it waits for the next one. */
  send(type: string, data: unknown): void {
    if (this.#link === undefined || withheld(this.#following)) this.#outbox.hold(type, data)
    else this.#link.send(type, data)
  }

  /** Goes elsewhere without a loading screen, with the party members who are here. Resolves when it is done; rejects when one stays. */
  travel(wish: Wish, { signal, onLine = (line) => this.emit('line', line) }: WaitOptions = {}): Promise<MovedEvent> {
    const closing = this.#closing.signal
    const options = { signal: signal === undefined ? closing : AbortSignal.any([signal, closing]), onLine }
    return completeTravel(this, () => waitForMove(this.#parts.api, { ...wish, protocol: this.#parts.protocol }, options))
  }

  /** Leaves the world; resolves when the server has heard it, and saves. */
  leave(): Promise<void> {
    return this.#end(undefined)
  }

  #join(seat: SeatAnswer): Promise<void> {
    return joinLive(seat, this.#parts.connect, {
      live: (link, message) => {
        if (this.closed) {
          void link.leave()
          return
        }
        this.#link = link
        this.#live = message
        this.#lastSignMs = performance.now()
        for (const input of this.#inputs.replay(message.lastInput)) link.send(control.input, input)
        this.#outbox.flush(link)
        this.emit('live', message)
      },
      message: (link, type, data) => this.#hear(link, type, data),
      closed: (link, code) => this.#linkClosed(link, code),
    })
  }

  /** What servers send has the shapes of model/wire/room.ts: the type says which. */
  #hear(link: RoomLink, type: string, data: unknown): void {
    if (link === this.#standby) {
      if (type === control.live) this.#goLive(link, data as LiveMessage)
      else if (type === SNAPSHOT) this.#beyond?.view.apply(decodeSnapshot(data as Uint8Array), performance.now())
      return
    }
    if (link !== this.#link) return
    if (type === SNAPSHOT) this.#show(data as Uint8Array)
    else if (type === control.ack) this.#acknowledged(data as AckMessage)
    else if (type === control.offer) this.#feed({ type: 'offer', offer: data as OfferMessage })
    else if (type === control.hold) this.#heldSince = performance.now()
    else if (type === control.go) this.#feed({ type: 'go', go: data as GoMessage })
    else if (type === control.stay) this.#feed({ type: 'stay', stay: data as StayMessage })
    else if (type === control.border) void this.#approach(data as BorderMessage)
    else if (type === control.closing) this.emit('closing', data as ClosingMessage)
    else if (type === control.idle) this.emit('idle', data as IdleMessage)
    else if (type === control.saving) this.emit('saving', data as SavingMessage)
    else if (!type.startsWith('__strata:')) this.emit('message', { type, data })
  }

  #linkClosed(link: RoomLink, code: number): void {
    if (this.closed) return
    if (link === this.#standby) {
      this.#standby = undefined
      this.#beyond = undefined
      this.#feed({ type: 'destinationClosed', reason: `the destination closed the connection (${fromCloseCode(code).code} ${code})` })
    } else if (link === this.#link) {
      const error = fromCloseCode(code)
      // While B claims, A's goodbye (LIVE_ELSEWHERE) may be faster than B's `live`.
      if (error.retryable || withheld(this.#following)) this.#feed({ type: 'sourceClosed' }, error)
      else void this.#end(error)
    }
  }

  #acknowledged({ lastInput }: AckMessage): void {
    this.#inputs.confirm(lastInput)
    this.#lastSignMs = performance.now()
  }

  #show(bytes: Uint8Array): void {
    const now = performance.now()
    const snapshot = decodeSnapshot(bytes)
    const change = this.#view.apply(snapshot, now)
    this.#lastSignMs = now
    this.emit('snapshot', { ...change, tick: snapshot.tick })
    const arrived = this.#arriving
    if (arrived === undefined || !snapshot.full) return
    this.#arriving = undefined
    this.emit('moved', { ...arrived.event, gapMs: now - arrived.since, heldMs: now - arrived.heldSince, change })
  }

  #feed(event: FollowEvent, cause?: StrataClientError): void {
    const { next, effects } = follow(this.#following, event)
    this.#following = next
    for (const effect of effects) this.#do(effect, cause)
    if (!withheld(next)) clearTimeout(this.#goTimer)
  }

  #do(effect: FollowEffect, cause: StrataClientError | undefined): void {
    switch (effect.type) {
      case 'connect':
        void this.#standBy(effect.offer)
        return
      case 'arrived':
        // A scene in which nothing moves shows no signs: until here, at least, A went on.
        this.#lastSignMs = performance.now()
        this.#link?.send(control.arrived, { move: effect.move })
        return
      case 'decline':
        this.#link?.send(control.declined, { move: effect.move, reason: effect.reason.slice(0, 200) })
        return
      case 'activate':
        this.#inputs.confirm(effect.go.lastInput)
        this.#goTimer = setTimeout(() => this.#feed({ type: 'timeout' }), GO_TIMEOUT_MS)
        this.#standby?.send(control.activate, { move: effect.go.move, epoch: effect.go.epoch })
        return
      case 'leaveDestination':
        void this.#standby?.leave()
        this.#standby = undefined
        this.#beyond = undefined
        return
      case 'swap':
        return // done by #goLive, which has the message
      case 'stay':
        this.#heldSince = undefined
        for (const input of this.#inputs.replay(effect.stay.lastInput)) this.#link?.send(control.input, input)
        if (this.#link !== undefined) this.#outbox.flush(this.#link)
        this.emit('moveFailed', { move: effect.stay.move, reason: effect.stay.reason })
        return
      case 'refused':
        this.emit('moveFailed', { move: effect.stay.move, reason: effect.stay.reason })
        return
      case 'rescue':
        void this.#rescue(cause ?? new StrataClientError('UNREACHABLE', 'the move was never finished', true))
        return
    }
  }

  /** Asks for a place beyond the border, which is then offered like any other; without one the edge of the map stays its end. */
  async #approach({ map }: BorderMessage): Promise<void> {
    if (this.#following.state !== 'idle') return
    await this.#parts.api.travel({ map, border: true, protocol: this.#parts.protocol }, this.#closing.signal).catch(() => undefined)
  }

  async #standBy(offer: OfferMessage): Promise<void> {
    const { address, copy, ticket, move, map } = offer
    const me = offer.at ?? this.#view.entities.get(this.self)
    try {
      const link = await this.#parts.connect({ address, copy, ticket, ...(me === undefined ? {} : { at: { x: me.x, y: me.y } }) })
      // The world may have changed while we were connecting.
      if (this.closed || this.#following.state !== 'connecting' || this.#following.offer.move !== move) {
        void link.leave()
        return
      }
      this.#standby = link
      this.#beyond = map === this.map ? undefined : { map, view: new WorldView() }
      link.listen({ message: (type, data) => this.#hear(link, type, data), closed: (code) => this.#linkClosed(link, code) })
      this.#feed({ type: 'connected', move })
    } catch (error) {
      this.#feed({ type: 'refused', move, reason: toClientError(error).message })
    }
  }

  /** B is live: it is where we are. Its first picture, a full one, follows at once and is laid over A's last. */
  #goLive(link: RoomLink, message: LiveMessage): void {
    if (this.#following.state !== 'going') return
    const { offer } = this.#following
    const [source, from] = [this.#link, this.#here]
    this.#feed({ type: 'live' })
    this.#standby = undefined
    this.#beyond = undefined
    this.#link = link
    this.#live = message
    const replay = this.#inputs.replay(message.lastInput)
    for (const input of replay) link.send(control.input, input)
    this.#outbox.flush(link)
    this.#arriving = {
      since: this.#lastSignMs,
      heldSince: this.#heldSince ?? this.#lastSignMs,
      event: {
        move: offer.move,
        cause: offer.cause,
        from: { map: from.map, copy: from.copy },
        to: { map: message.map, copy: message.copy },
        replayed: replay.length,
      },
    }
    this.#heldSince = undefined
    this.#view.await(this.#along(offer, from.map === message.map), performance.now())
    void source?.leave()
    this.emit('live', message)
  }

  /** Whoever moves along; and in the same map its things, of which B shows those at the edge of sight a little later. */
  #along({ companions }: OfferMessage, sameMap: boolean): EntityId[] {
    return sameMap ? [...companions, ...[...this.#view.entities.keys()].filter((id) => id >= FIRST_THING)] : companions
  }

  /** Nobody simulates us any more: in again through the matchmaker, which knows where. What was in sight stays meanwhile. */
  async #rescue(cause: StrataClientError): Promise<void> {
    const since = performance.now()
    const { signal } = this.#closing
    const link = this.#link
    this.#link = undefined
    this.#arriving = undefined
    void link?.leave()
    // What was under way may or may not have been applied: it is not sent again.
    this.#inputs.forget()
    const failure = await enterAgain({
      map: this.#here.map,
      signal,
      trying: (attempt) => this.emit('reconnecting', { attempt, cause }),
      enter: async (wish) =>
        this.#join(await waitForSeat(this.#parts.api, { ...wish, protocol: this.#parts.protocol }, { signal, onLine: (line) => this.emit('line', line) })),
    })
    if (this.closed) return
    if (failure === undefined) this.emit('reconnected', { downMs: performance.now() - since })
    else void this.#end(failure)
  }

  async #end(error: StrataClientError | undefined): Promise<void> {
    if (this.closed) return
    const links = [this.#standby, this.#link]
    this.#closing.abort()
    clearTimeout(this.#goTimer)
    this.#standby = undefined
    this.#link = undefined
    this.emit('closed', error === undefined ? {} : { error })
    await Promise.all(links.map((link) => link?.leave()))
  }
}
