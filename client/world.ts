import type { CopyId, EntityId, MapName } from '../model/ids.ts'
import type { EnterRequest, SeatAnswer } from '../model/wire/matchmaker.ts'
import { type AckMessage, control, type GoMessage, type LiveMessage, type OfferMessage, SNAPSHOT, type StayMessage } from '../model/wire/room.ts'
import { decodeSnapshot, type EntityView } from '../model/wire/snapshot.ts'
import { Emitter } from './emitter.ts'
import { fromCloseCode, StrataClientError } from './errors.ts'
import { InputLog } from './inputLog.ts'
import type { MatchmakerApi } from './matchmakerApi.ts'
import { retryDelayMs } from './retry.ts'
import type { Connect, RoomLink } from './roomLink.ts'
import { Standby } from './standby.ts'
import { waitForMove, waitForSeat, type WaitOptions } from './takeSeat.ts'
import type { MovedEvent, WorldEvents } from './worldEvents.ts'
import { WorldView } from './worldView.ts'

/** How long `travel` waits for the move that the matchmaker ordered. */
const TRAVEL_TIMEOUT_MS = 45_000
/** How long B may take from `activate` to `live` before the client looks for itself where it is. */
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
  readonly #closing = new AbortController()
  #link: RoomLink | undefined
  #standby: Standby | undefined
  /** Between A's `go` and B's `live` inputs are only noted: they are replayed to B. */
  #going = false
  #goTimer: ReturnType<typeof setTimeout> | undefined
  #live: LiveMessage | undefined
  #lastShownMs = 0
  /** Set by B's `live`, until its first snapshot was shown: then the gap is known. */
  #arriving: Omit<MovedEvent, 'gapMs'> | undefined

  private constructor(parts: WorldParts) {
    super()
    this.#parts = parts
  }

  /** Connects to the seat and returns when the body is there. */
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
    return this.#now.entity
  }
  get map(): MapName {
    return this.#now.map
  }
  get copy(): CopyId {
    return this.#now.copy
  }
  /** What the server last told of one's own character when it went live (`ZoneRoom.selfState`). */
  get selfState(): unknown {
    return this.#now.self
  }
  get tickRate(): number {
    return this.#now.tickRate
  }
  get closed(): boolean {
    return this.#closing.signal.aborted
  }
  /** Inputs that no server has confirmed yet, and those that were given up. */
  get inputs(): { pending: number; dropped: number } {
    return { pending: this.#inputs.pending, dropped: this.#inputs.dropped }
  }
  get #now(): LiveMessage {
    if (this.#live === undefined) throw new StrataClientError('CLOSED', 'the world was not entered', false)
    return this.#live
  }

  /** One input of the game. It is applied once, in order, on whatever server one is. */
  input(data: unknown): void {
    const input = this.#inputs.add(data)
    if (!this.#going) this.#link?.send(control.input, input)
  }

  /** A message of the game to the room. */
  send(type: string, data: unknown): void {
    this.#link?.send(type, data)
  }

  /** Goes elsewhere without a loading screen, with the party members who are here. Resolves when it is done; rejects when one stays. */
  async travel(wish: Omit<EnterRequest, 'protocol'>, options: WaitOptions = {}): Promise<MovedEvent> {
    const done = Promise.withResolvers<MovedEvent>()
    let ordered: string | undefined
    const early = new Map<string, MovedEvent | string>()
    const settle = (move: string, how: MovedEvent | string): void => {
      if (move !== ordered) early.set(move, how)
      else if (typeof how === 'string') done.reject(new StrataClientError('MOVE_IN_PROGRESS', `the move did not happen: ${how}`, true))
      else done.resolve(how)
    }
    const offs = [
      this.on('moved', (event) => settle(event.move, event)),
      this.on('moveFailed', ({ move, reason }) => settle(move, reason)),
      this.on('closed', ({ error }) => done.reject(error ?? new StrataClientError('CLOSED', 'the world was left', false))),
    ]
    const timer = setTimeout(() => done.reject(new StrataClientError('UNREACHABLE', 'the move was ordered but did not happen in time', true)), TRAVEL_TIMEOUT_MS)
    done.promise.catch(() => undefined) // whoever awaits hears it; nobody may be there yet
    try {
      const signal = options.signal === undefined ? this.#closing.signal : AbortSignal.any([options.signal, this.#closing.signal])
      const onLine = options.onLine ?? ((line) => this.emit('line', line))
      ordered = (await waitForMove(this.#parts.api, { ...wish, protocol: this.#parts.protocol }, { signal, onLine })).id
      const known = early.get(ordered)
      if (known !== undefined) settle(ordered, known)
      return await done.promise
    } finally {
      clearTimeout(timer)
      for (const off of offs) off()
    }
  }

  /** Leaves the world; the server saves. */
  leave(): void {
    this.#end(undefined)
  }

  async #join(seat: SeatAnswer): Promise<void> {
    const link = await this.#parts.connect(seat)
    const live = Promise.withResolvers<void>()
    this.#link = link
    link.listen({
      message: (type, data) => {
        if (type === control.live) {
          this.#goLive(data as LiveMessage) // the server writes what model/wire/room.ts says
          live.resolve()
        } else this.#receive(type, data)
      },
      closed: (code) => {
        live.reject(fromCloseCode(code) ?? new StrataClientError('UNREACHABLE', `the connection closed (${code}) before the body was there`, true))
        this.#dropped(link, code)
      },
    })
    await live.promise
  }

  #goLive(message: LiveMessage): void {
    this.#live = message
    this.emit('live', message)
  }

  #receive(type: string, data: unknown): void {
    // What servers send has the shapes of model/wire/room.ts: the type says which.
    if (type === SNAPSHOT) this.#show(data as Uint8Array)
    else if (type === control.ack) this.#inputs.confirm((data as AckMessage).lastInput)
    else if (type === control.offer) void this.#standBy(data as OfferMessage)
    else if (type === control.go) this.#go(data as GoMessage)
    else if (type === control.stay) this.#stay(data as StayMessage)
    else if (type === control.closing) this.emit('closing', data)
    else this.emit('message', { type, data })
  }

  #show(bytes: Uint8Array): void {
    const nowMs = performance.now()
    const snapshot = decodeSnapshot(bytes)
    const change = this.#view.apply(snapshot, nowMs)
    const arrived = this.#arriving
    if (arrived !== undefined) {
      this.#arriving = undefined
      this.emit('moved', { ...arrived, gapMs: nowMs - this.#lastShownMs })
    }
    this.#lastShownMs = nowMs
    this.emit('snapshot', { ...change, tick: snapshot.tick })
  }

  async #standBy(offer: OfferMessage): Promise<void> {
    const source = this.#link
    this.#standby?.link.leave()
    this.#standby = undefined
    try {
      const standby = await Standby.connect(offer, this.#parts.connect, {
        live: (message) => this.#arrive(message),
        message: (type, data) => this.#receive(type, data),
        closed: (code) => this.#standbyClosed(offer.move, code),
      })
      // The world may have changed while we were connecting.
      if (this.closed || this.#link !== source) return standby.link.leave()
      this.#standby = standby
      source?.send(control.arrived, { move: offer.move })
    } catch (error) {
      source?.send(control.declined, { move: offer.move, reason: String(error instanceof Error ? error.message : error).slice(0, 200) })
    }
  }

  #go(message: GoMessage): void {
    if (this.#standby?.move !== message.move) return
    this.#going = true
    this.#inputs.confirm(message.lastInput)
    this.#standby.activate(message)
    clearTimeout(this.#goTimer)
    this.#goTimer = setTimeout(() => this.#lost(), GO_TIMEOUT_MS)
  }

  /** B is live: its world becomes ours, what A did not apply is replayed, and A is left. */
  #arrive(message: LiveMessage): void {
    const [standby, source, before] = [this.#standby, this.#link, this.#now]
    if (standby === undefined) return
    clearTimeout(this.#goTimer)
    const { offer, link, view } = standby
    const change = this.#view.adopt(view, offer.companions, performance.now())
    this.#standby = undefined
    this.#going = false
    this.#link = link
    this.#live = message
    const replay = this.#inputs.replay(message.lastInput)
    for (const input of replay) link.send(control.input, input)
    this.#arriving = {
      move: offer.move,
      cause: offer.cause,
      from: { map: before.map, copy: before.copy },
      to: { map: message.map, copy: message.copy },
      replayed: replay.length,
    }
    source?.leave()
    this.emit('snapshot', { ...change, tick: view.tick })
  }

  #stay({ move, reason, lastInput }: StayMessage): void {
    if (this.#standby?.move === move) this.#standby.link.leave()
    clearTimeout(this.#goTimer)
    this.#standby = undefined
    this.#going = false
    for (const input of this.#inputs.replay(lastInput)) this.#link?.send(control.input, input)
    this.emit('moveFailed', { move, reason })
  }

  #standbyClosed(move: string, code: number): void {
    if (this.#standby?.move === move) {
      // Before `go` A plays on and its own deadline ends the move; after it A claims back, or the timer sends us looking.
      this.#standby = undefined
      if (!this.#going) this.#link?.send(control.declined, { move, reason: `the destination closed the connection (${code})` })
      else if (this.#link === undefined) this.#lost()
    } else if (this.#standby === undefined) this.#dropped(this.#link, code)
  }

  #dropped(link: RoomLink | undefined, code: number): void {
    if (this.closed || link !== this.#link) return
    this.#link = undefined
    const error = fromCloseCode(code)
    if (error !== undefined && !error.retryable) return this.#end(error)
    // A is gone while B has been told to go live: B is where we are, if anywhere.
    if (this.#going && this.#standby !== undefined) return
    if (this.#live !== undefined) this.#lost()
  }

  /** Nobody simulates us any more: in again through the matchmaker, which knows where. */
  #lost(): void {
    clearTimeout(this.#goTimer)
    this.#standby?.link.leave()
    this.#standby = undefined
    this.#going = false
    const link = this.#link
    this.#link = undefined
    link?.leave()
    void this.#rescue()
  }

  async #rescue(): Promise<void> {
    const since = performance.now()
    for (let attempt = 0; !this.closed; attempt++) {
      this.emit('reconnecting', { attempt })
      try {
        const wish = { map: this.map, protocol: this.#parts.protocol }
        const seat = await waitForSeat(this.#parts.api, wish, { signal: this.#closing.signal, onLine: (line) => this.emit('line', line) })
        // What was under way when the connection broke may or may not have been applied: it is not sent again.
        this.#inputs.forget()
        await this.#join(seat)
        this.emit('reconnected', { downMs: performance.now() - since })
        return
      } catch (error) {
        if (this.closed) return
        if (error instanceof StrataClientError && !error.retryable) return this.#end(error)
      }
      await new Promise((resolve) => setTimeout(resolve, retryDelayMs(attempt)))
    }
  }

  #end(error: StrataClientError | undefined): void {
    if (this.closed) return
    this.#closing.abort()
    clearTimeout(this.#goTimer)
    this.#standby?.link.leave()
    this.#link?.leave()
    this.#link = undefined
    this.emit('closed', error === undefined ? {} : { error })
  }
}
