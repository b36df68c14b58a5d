import { defined } from '../model/defined.ts'
import { type CopyId, type EntityId, FIRST_THING, type MapName } from '../model/ids.ts'
import type { ChatEvent, SaidMessage, SpokenKind } from '../model/wire/chat.ts'
import type { EntitiesLayout, SeenEntityOf } from '../model/wire/entities/defineEntities.ts'
import type { SeatAnswer } from '../model/wire/matchmaker.ts'
import {
  type BorderMessage,
  type ClosingMessage,
  control,
  type EndedMessage,
  type GoMessage,
  type IdleMessage,
  type LimitedMessage,
  type LiveMessage,
  type NoticeMessage,
  type OfferMessage,
  type ProfileMessage,
  type SavingMessage,
  SNAPSHOT,
  type StayMessage,
  type WarnedMessage,
} from '../model/wire/room.ts'
import type { RoomState } from '../model/wire/roomState.ts'
import type { Snapshot } from '../model/wire/snapshot.ts'
import type { PlacementApi } from './api/placementApi.ts'
import { Emitter } from './emitter.ts'
import { enterAgain } from './enter/enterAgain.ts'
import { type WaitOptions, type Wish, waitForMove, waitForSeat } from './enter/takeSeat.ts'
import { fromCloseCode, StrataClientError, toClientError } from './errors.ts'
import { ChatLine, type ChatResult } from './room/chatLine.ts'
import { decodedLink } from './room/decodedLink.ts'
import { followOffer } from './room/followOffer.ts'
import { joinLive } from './room/joinLive.ts'
import { type FollowEffect, type FollowEvent, type Following, follow, withheld } from './room/moveFollower.ts'
import { MoveGap } from './room/moveGap.ts'
import { Outbox } from './room/outbox.ts'
import type { Connect, RoomLink } from './room/roomLink.ts'
import { Silence } from './room/silence.ts'
import { completeTravel } from './travel.ts'
import { type Lag, LiveView } from './view/liveView.ts'
import type { Pose, Predict } from './view/prediction.ts'
import type { ShownEntity } from './view/track.ts'
import type { MovedEvent, WorldEvents } from './worldEvents.ts'
import { WorldView } from './worldView.ts'

/** Longest time from `activate` to `live` or `stay`, in ms, including a reclaim by A. After that the client enters again through the matchmaker. */
const GO_TIMEOUT_MS = 12_000

const CLOSED_RESULT: ChatResult = { delivered: false, code: 'CLOSED', message: 'the world was left' }

export interface WorldParts {
  api: PlacementApi
  connect: Connect
  protocol: number
  predict?: Predict<Pose, unknown>
}

/**
 * One continuous world for the game, independent of the copies and servers behind it. It handles moves, dropped connections and lines. The
 * game sees `entities` that keep their identity, and events. `E`: the type of what the game declares with `defineEntities`, for the fields of its entities.
 */
export class World<State extends RoomState = RoomState, E = unknown> extends Emitter<WorldEvents<State>> {
  readonly #parts: WorldParts
  readonly #view = new WorldView()
  readonly #shown: LiveView
  readonly #outbox = new Outbox(
    () => 1_000 / this.tickRate,
    (seq, data) => this.#shown.sent(seq, data, performance.now()),
  )
  readonly #chat = new ChatLine((event) => this.emit('chat', event))
  readonly #gap = new MoveGap()
  readonly #silence = new Silence(() =>
    this.#advance({ type: 'sourceClosed' }, new StrataClientError('UNREACHABLE', 'the server sends nothing any more', true)),
  )
  readonly #closing = new AbortController()
  /** View of another map while the client is on standby there. */
  #beyond: { map: MapName; view: WorldView } | undefined
  #standby: RoomLink | undefined
  #move: Following = { state: 'idle' }
  #goTimer: ReturnType<typeof setTimeout> | undefined
  #live: LiveMessage | undefined
  #state: State | undefined
  /** Why the server ends the session; its close follows. */
  #ended: EndedMessage | undefined

  private constructor(parts: WorldParts) {
    super()
    this.#parts = { ...parts, connect: async (seat) => decodedLink(await parts.connect(seat)) }
    this.#shown = new LiveView(this.#view, parts.predict)
  }

  /** Takes the seat. Resolves when the character is live. */
  static async enter<State extends RoomState = RoomState, E = unknown>(seat: SeatAnswer, parts: WorldParts): Promise<World<State, E>> {
    const world = new World<State, E>(parts)
    await world.#join(seat)
    return world
  }

  get entities(): ReadonlyMap<EntityId, SeenEntityOf<E>> {
    return this.#declared(this.#view)
  }
  /**
   * The entities as they are to be drawn at `nowMs` (from `performance.now()`): positions between two snapshots, a little in the past, and with `predict` the own
   * body where its inputs have brought it. Call it once a frame. Each entity is the same object while it is visible, also across moves; the map is
   * always the same one. See docs/how-to/client-view.md.
   */
  sample(nowMs = performance.now()): ReadonlyMap<EntityId, ShownEntity<E>> {
    this.#shown.measure(this.#outbox.link, nowMs)
    return this.#shown.sample(nowMs) as ReadonlyMap<EntityId, ShownEntity<E>> // like #declared
  }
  /** One entity of `sample`; undefined when it is not visible at that moment. */
  entityAt(id: EntityId, nowMs = performance.now()): ShownEntity<E> | undefined {
    return this.sample(nowMs).get(id)
  }
  /**
   * The server's simulation step that the player sees: of the last `sample`, else of the newest snapshot. Send it with an action that has a target, so that the
   * server judges the action by where the target was for the player (docs/how-to/combat.md).
   */
  get seenTick(): number {
    return this.#shown.seenTick
  }
  /** How far behind the servers the view is, in ms. */
  get lag(): Lag {
    this.#shown.measure(this.#outbox.link, performance.now())
    return this.#shown.lag()
  }
  /** Whether `entities` is what the server shows. During a move and shortly afterwards it also has entities that are kept so that they do not blink (rule M5). */
  get settled(): boolean {
    return !this.#gap.holding && !this.#view.awaiting
  }
  /** Entity id of the player's own character; it never changes. */
  get self(): EntityId {
    return this.#here.entity
  }
  get map(): MapName {
    return this.#here.map
  }
  get copy(): CopyId {
    return this.#here.copy
  }
  /** Id of the trace of the last `enter` or `travel`, by which an operator finds it on all servers (docs/how-to/observe.md). Write it into the game's log. */
  get traceId(): string {
    return this.#parts.api.traceId
  }
  /** State of the player's own character that the server sent when it last went live (`ZoneRoom.selfState`). */
  get selfState(): unknown {
    return this.#here.self
  }
  /**
   * The slow state of the copy where the player is: room, roster, one's own character, and what the game declares. It is replaced in a move and is kept while
   * the client reconnects. Its objects are Colyseus' and change in place; the event `state` tells when. Undefined when the server sends none.
   */
  get state(): State | undefined {
    return this.#state
  }
  /** Near a border: entities of the neighbouring map, in that map's coordinates. For display only. */
  get beyond(): { map: MapName; entities: ReadonlyMap<EntityId, SeenEntityOf<E>> } | undefined {
    if (this.#beyond === undefined) return undefined
    return { map: this.#beyond.map, entities: this.#declared(this.#beyond.view) }
  }
  /** The layout that the server sends has the fields of the game's declaration. */
  #declared({ entities }: WorldView): ReadonlyMap<EntityId, SeenEntityOf<E>> {
    return entities as ReadonlyMap<EntityId, unknown> as ReadonlyMap<EntityId, SeenEntityOf<E>>
  }
  get tickRate(): number {
    return this.#here.tickRate
  }
  get closed(): boolean {
    return this.#closing.signal.aborted
  }
  /** Number of inputs that no server has confirmed yet, and of inputs that were discarded when a connection broke. */
  get inputs(): { pending: number; dropped: number } {
    return this.#outbox.inputs
  }
  get #here(): LiveMessage {
    if (this.#live === undefined) throw new StrataClientError('CLOSED', 'the world was not entered', false)
    return this.#live
  }

  /**
   * Sends one input of the game, such as the direction of the stick. Call it as often as the screen is drawn: of several inputs within one simulation step
   * the latest is sent. An input with `must`, such as a jump, is sent in any case. The server applies each sent input once and in order, also across
   * moves. Returns false while reconnecting: the input is dropped.
   */
  input(data: unknown, { must = false }: { must?: boolean } = {}): boolean {
    return this.#outbox.input(data, must)
  }

  /** Sends a message of the game to the room. During a move the message waits for the next server. */
  send(type: string, data: unknown): void {
    this.#outbox.send(type, data)
  }

  /**
   * Says something in a channel. `to`: the character (id or name) of a whisper, the name of a custom channel. Resolves with the server's answer: a refusal
   * has a code, for example `CHAT_LISTENER_ABSENT`. A move or a reconnect in between loses no message and sends none twice.
   */
  say(channel: SpokenKind, text: string, { to }: { to?: string } = {}): Promise<ChatResult> {
    return this.closed ? Promise.resolve(CLOSED_RESULT) : this.#chat.say(channel, text, to)
  }

  /** Joins a custom channel for the rest of this world, on all its servers. */
  joinChannel(name: string): Promise<ChatResult> {
    return this.closed ? Promise.resolve(CLOSED_RESULT) : this.#chat.change(name, 'join')
  }
  leaveChannel(name: string): Promise<ChatResult> {
    return this.closed ? Promise.resolve(CLOSED_RESULT) : this.#chat.change(name, 'leave')
  }

  /**
   * Moves to another place without a loading screen. With the leader of a party go the members in the same copy whose setting `follow` is `always`; the other
   * members get an event `followOffer`. `alone: true` leaves the party here. Rejects when the move fails.
   */
  travel(wish: Wish, { signal, onLine = (line) => this.emit('line', line) }: WaitOptions = {}): Promise<MovedEvent> {
    const closing = this.#closing.signal
    const options = { signal: signal === undefined ? closing : AbortSignal.any([signal, closing]), onLine }
    return completeTravel(this, () => waitForMove(this.#parts.api, { ...wish, protocol: this.#parts.protocol }, options))
  }

  /** Leaves the world. Resolves when the body is gone: at once, or when the game lets it go (`ZoneRoom.canLeave`), after 20 s at most by default. */
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
        this.#gap.active(performance.now())
        this.#playOn(link, message, { moved: false })
        this.emit('live', message)
      },
      message: (link, type, data) => this.#handle(link, type, data),
      stateChanged: (link) => this.#stateChanged(link),
      closed: (link, code) => this.#linkClosed(link, code),
    })
  }

  /** The character is live behind this link, which gets everything that no server has handled yet. Returns the number of inputs among it. */
  #playOn(link: RoomLink, live: LiveMessage, how: { moved: boolean }): number {
    this.#live = live
    this.#silence.watch(link)
    this.#shown.live(live, performance.now(), how)
    const replayed = this.#resend(link, live.lastInput)
    this.#stateChanged(link)
    return replayed
  }

  #stateChanged(link: RoomLink): void {
    if (link !== this.#outbox.link || link.state === undefined) return
    this.#state = link.state as State // the server's classes have the fields of RoomState, and of the game's parts
    this.emit('state', this.#state)
  }

  #resend(link: RoomLink, lastInput: number): number {
    const replayed = this.#outbox.playOn(link, lastInput)
    this.#chat.live(link)
    return replayed
  }

  /** Handles one message of a server; `type` determines which shape of model/wire/room.ts the data has. */
  #handle(link: RoomLink, type: string, data: unknown): void {
    if (link === this.#standby) {
      if (type === control.live) this.#goLive(link, data as LiveMessage)
      else if (type === control.chat) this.#chat.receivedEarly(data as ChatEvent)
      else if (type === SNAPSHOT) this.#applyStandby(data as Snapshot)
      else if (type === control.layout) this.#shown.layout(data as EntitiesLayout, { standby: true })
      return
    }
    if (link !== this.#outbox.link) return
    this.#silence.heard()
    if (type === SNAPSHOT) this.#applySnapshot(data as Snapshot)
    else if (type === control.layout) this.#shown.layout(data as EntitiesLayout, { standby: false })
    else if (type === control.chat) this.#chat.received(data as ChatEvent)
    else if (type === control.said) this.#chat.answered(data as SaidMessage)
    else if (type === control.offer) this.#advance({ type: 'offer', offer: data as OfferMessage })
    else if (type === control.hold) this.#gap.held(performance.now())
    else if (type === control.go) this.#advance({ type: 'go', go: data as GoMessage })
    else if (type === control.stay) this.#advance({ type: 'stay', stay: data as StayMessage })
    else if (type === control.border) void this.#requestBorderSeat(data as BorderMessage)
    else if (type === control.closing) this.emit('closing', data as ClosingMessage)
    else if (type === control.idle) this.emit('idle', data as IdleMessage)
    else if (type === control.notice) this.#noticed(data as NoticeMessage)
    else if (type === control.saving) this.emit('saving', data as SavingMessage)
    else if (type === control.limited) this.emit('limited', data as LimitedMessage)
    else if (type === control.warned) this.emit('warned', data as WarnedMessage)
    else if (type === control.profile) this.emit('profile', data as ProfileMessage)
    else if (type === control.ended) this.#ended = data as EndedMessage
    else if (!type.startsWith('__strata:')) this.emit('message', { type, data })
  }

  #noticed(notice: NoticeMessage): void {
    if (notice.about === 'changed') this.emit('changed', { topics: notice.topics })
    else
      this.emit(
        'followOffer',
        followOffer(notice, (friend) => this.travel({ friend })),
      )
  }

  #linkClosed(link: RoomLink, code: number): void {
    if (this.closed) return
    if (link === this.#standby) {
      this.#forgetStandby()
      this.#advance({ type: 'destinationClosed', reason: `the destination closed the connection (${fromCloseCode(code).code} ${code})` })
    } else if (link === this.#outbox.link) {
      const error = fromCloseCode(code, this.#ended)
      // While B claims, A's close with LIVE_ELSEWHERE may arrive before B's `live`.
      if (error.retryable || withheld(this.#move)) this.#advance({ type: 'sourceClosed' }, error)
      else void this.#end(error)
    }
  }

  #applyStandby(snapshot: Snapshot): void {
    const now = performance.now()
    this.#shown.standby(snapshot.tick, now)
    this.#beyond?.view.apply(snapshot, now)
  }

  #applySnapshot(snapshot: Snapshot): void {
    const now = performance.now()
    this.#outbox.confirm(snapshot.lastInput)
    const change = this.#view.apply(snapshot, now)
    this.#shown.snapshot(snapshot, change, now)
    this.#gap.active(now)
    this.emit('snapshot', { ...change, tick: snapshot.tick })
    const moved = snapshot.full ? this.#gap.end(now, change) : undefined
    if (moved !== undefined) this.emit('moved', moved)
  }

  #advance(event: FollowEvent, cause?: StrataClientError): void {
    const { next, effects } = follow(this.#move, event)
    this.#move = next
    for (const effect of effects) this.#perform(effect, cause)
    if (!withheld(next)) clearTimeout(this.#goTimer)
  }

  #perform(effect: FollowEffect, cause: StrataClientError | undefined): void {
    switch (effect.type) {
      case 'connect':
        void this.#standBy(effect.offer)
        return
      case 'arrived':
        // A scene without changes sends no snapshots: A simulated at least until now.
        this.#gap.active(performance.now())
        this.#outbox.link?.send(control.arrived, { move: effect.move })
        return
      case 'decline':
        this.#outbox.link?.send(control.declined, { move: effect.move, reason: effect.reason.slice(0, 200) })
        return
      case 'activate':
        this.#outbox.withhold(effect.go.lastInput)
        this.#chat.pause()
        this.#goTimer = setTimeout(() => this.#advance({ type: 'timeout' }), GO_TIMEOUT_MS)
        this.#standby?.send(control.activate, { move: effect.go.move, epoch: effect.go.epoch })
        return
      case 'leaveDestination':
        void this.#standby?.leave()
        this.#forgetStandby()
        return
      case 'swap':
        return // done by #goLive, which has the message
      case 'stay':
        this.#gap.released()
        if (this.#outbox.link !== undefined) this.#resend(this.#outbox.link, effect.stay.lastInput)
        this.emit('moveFailed', { move: effect.stay.move, reason: effect.stay.reason })
        return
      case 'refused':
        this.emit('moveFailed', { move: effect.stay.move, reason: effect.stay.reason })
        return
      case 'enterAgain':
        void this.#enterAgain(cause ?? new StrataClientError('UNREACHABLE', 'the move was never finished', true))
        return
    }
  }

  /** Asks for a seat in the neighbouring map. The server offers it like any other move. Without a seat the player cannot cross the border. */
  async #requestBorderSeat({ map }: BorderMessage): Promise<void> {
    // A move over another border that is not under way yet gives way to this one.
    const replaces =
      (this.#move.state === 'connecting' || this.#move.state === 'standing') && this.#move.offer.cause === 'border' && this.#move.offer.map !== map
    if (this.#move.state !== 'idle' && !replaces) return
    await this.#parts.api.travel({ map, border: true, protocol: this.#parts.protocol }, this.#closing.signal).catch(() => undefined)
  }

  async #standBy(offer: OfferMessage): Promise<void> {
    const { address, copy, ticket, move, map } = offer
    const me = offer.at ?? this.#view.entities.get(this.self)
    try {
      const link = await this.#parts.connect({ address, copy, ticket, ...(me === undefined ? {} : { at: { x: me.x, y: me.y } }) })
      // The state may have changed during the connection.
      if (this.closed || this.#move.state !== 'connecting' || this.#move.offer.move !== move) {
        void link.leave()
        return
      }
      this.#standby = link
      this.#beyond = map === this.map ? undefined : { map, view: new WorldView() }
      link.listen({
        message: (type, data) => this.#handle(link, type, data),
        closed: (code) => this.#linkClosed(link, code),
        stateChanged: () => this.#stateChanged(link),
      })
      this.#chat.rejoin(link)
      this.#advance({ type: 'connected', move })
    } catch (error) {
      this.#advance({ type: 'refused', move, reason: toClientError(error).message })
    }
  }

  #forgetStandby(): void {
    this.#standby = undefined
    this.#beyond = undefined
    this.#shown.forgetStandby()
    this.#chat.forgetEarly()
  }

  /** Swaps to B, which is live. B's first snapshot is a full one and follows at once; the view keeps the entities that both have. */
  #goLive(link: RoomLink, message: LiveMessage): void {
    if (this.#move.state !== 'going') return
    const { offer } = this.#move
    const [source, from] = [this.#outbox.link, this.#here]
    this.#advance({ type: 'live' })
    this.#standby = undefined
    this.#beyond = undefined
    const replayed = this.#playOn(link, message, { moved: true })
    const to = { map: message.map, copy: message.copy }
    this.#gap.arrived({ move: offer.move, cause: offer.cause, from: { map: from.map, copy: from.copy }, to, replayed })
    this.#view.keepUntilShown(this.#expectedEntities(offer, from.map === message.map), performance.now())
    void source?.leave()
    this.emit('live', message)
  }

  /** Entities that B will show a little later: companions, and in the same map its things at the edge of the view. */
  #expectedEntities({ companions }: OfferMessage, sameMap: boolean): EntityId[] {
    return sameMap ? [...companions, ...[...this.#view.entities.keys()].filter((id) => id >= FIRST_THING)] : companions
  }

  /** No server simulates the character any more: enters again through the matchmaker. The view keeps its entities meanwhile. */
  async #enterAgain(cause: StrataClientError): Promise<void> {
    const since = performance.now()
    const { signal } = this.#closing
    const { link } = this.#outbox
    this.#outbox.disconnect()
    this.#silence.stop()
    this.#shown.forgetInputs()
    this.#gap.cancel()
    this.#chat.pause()
    void link?.leave()
    const failure = await enterAgain({
      map: this.#here.map,
      signal,
      beforeAttempt: (attempt) => this.emit('reconnecting', { attempt, cause }),
      enter: async (wish) =>
        this.#join(await waitForSeat(this.#parts.api, { ...wish, protocol: this.#parts.protocol }, { signal, onLine: (line) => this.emit('line', line) })),
    })
    if (this.closed) return
    if (failure === undefined) this.emit('reconnected', { downMs: performance.now() - since })
    else void this.#end(failure)
  }

  async #end(error: StrataClientError | undefined): Promise<void> {
    if (this.closed) return
    const links = [this.#standby, this.#outbox.link]
    this.#closing.abort()
    clearTimeout(this.#goTimer)
    this.#silence.stop()
    this.#outbox.close()
    this.#standby = undefined
    this.#chat.close()
    this.emit('closed', defined({ error }))
    await Promise.all(links.map((link) => link?.leave()))
  }
}
