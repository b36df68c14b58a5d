import { type Client, Room, type RoomException, type RoomMethodName, SchemaSerializer, type Serializer } from '@colyseus/core'
import type { Schema } from '@colyseus/schema'
import type { z } from 'zod'
import type { DurationMs, Instant } from '../../model/clock.ts'
import type { Copy, StateVersions } from '../../model/copy.ts'
import { StrataError } from '../../model/errors.ts'
import { fairnessFrom } from '../../model/fairness.ts'
import { type CharacterId, type CopyId, type EntityId, FIRST_THING, type InstanceKey, type MapName } from '../../model/ids.ts'
import type { LoadLevel } from '../../model/load.ts'
import type { MoveOrder } from '../../model/move.ts'
import type { Presence, Seat, SeatHolder } from '../../model/seat.ts'
import { type Entities, type EntityOf, type FieldValues, plainEntities, withInitials } from '../../model/wire/entities/defineEntities.ts'
import { type ClosingMessage, control, type NoticeMessage } from '../../model/wire/room.ts'
import type { EntityView } from '../../model/wire/snapshot.ts'
import type { Held } from '../../store/economy/economy.ts'
import { Clients } from './clients.ts'
import type { Admission } from './connection/admission.ts'
import { CONFIRM_WITHIN_MS, encoded } from './connection/connection.ts'
import { FrameBudget, TYPE_RATE } from './connection/frameBudget.ts'
import { observedJoin } from './connection/observedJoin.ts'
import { isRefusal, joinRefusal } from './connection/refusal.ts'
import type { ZoneCore } from './core.ts'
import { FairPlay } from './fairPlay.ts'
import type { Appearance, Sent, ZoneHooks } from './hooks.ts'
import { Inbox, parsed } from './inbox.ts'
import { startStaggered } from './load/startStaggered.ts'
import { SourceMoves } from './moves/sourceMoves.ts'
import { Standbys } from './moves/standbys.ts'
import { IdleRelease } from './residents/idleRelease.ts'
import type { Body, BodyOf } from './residents/resident.ts'
import { ResidentProfiles } from './residents/residentProfiles.ts'
import { Residents } from './residents/residents.ts'
import { Saver } from './residents/saver.ts'
import { RoomSerializer } from './roomState/roomSerializer.ts'
import { RoomStateSync } from './roomState/roomStateSync.ts'
import type { RoomStateSchema } from './roomState/schemas.ts'
import { sameData } from './sameData.ts'
import type { HostedRoom, LetGoRequest, ProfileReading, ZoneServices } from './services.ts'
import { InterestGrid } from './sight/interestGrid.ts'
import { type Bandwidth, fullQuality } from './sight/quality.ts'
import { Steps } from './steps.ts'

export { FIRST_THING } from '../../model/ids.ts'
export type { Appearance, Sent } from './hooks.ts'
export type { Body, BodyOf } from './residents/resident.ts'

/** Number of steps between two checks whether clients have confirmed their join. */
const CONFIRM_CHECK_EVERY = 5
/** Colyseus' CloseCode.CONSENTED: the client left on purpose. */
const CONSENTED = 4000

/**
 * The base class that studios extend: one copy of one map. It handles admission (tickets, seats, epochs), interest management, saving, and moves to
 * and from other servers. The game is in the hooks. `Declared` is the type of `entities`, if the game declares fields of its entities.
 */
export abstract class ZoneRoom<State, Input, Declared extends Entities = typeof plainEntities> extends Room implements ZoneHooks<State, Input>, HostedRoom {
  /** Simulation steps a second. */
  readonly tickRate: number = 20
  /** Number of steps between two snapshots for one client. */
  readonly showEvery: number = 2
  /** Radius and hysteresis margin, in metres, of what a player sees. */
  readonly range = { radius: 60, margin: 8 }
  /** Bytes a second of snapshots for one client. */
  readonly bandwidth: Bandwidth = { bytesPerSecond: 15_000 }
  /** Longest time in ms that a body stays after its player left, while `canLeave` keeps it. */
  readonly leaveWithinMs: DurationMs = 20_000
  /**
   * Longest time in ms that a change of a character's state stays unsaved: a server that crashes loses as much play (rule D2). Saves are most of what players
   * cost the database, and 30 s cost a sixth of 5 s. Changes that a player would miss are saved at once by `saveSoon`.
   */
  readonly saveEveryMs: DurationMs = 30_000
  /** Shortest time in ms between two patches of the slow state (`gameState`, `OwnState`, roster). */
  readonly patchEveryMs: DurationMs = 500
  readonly gameState: Schema | undefined = undefined
  readonly OwnState: (new () => Schema) | undefined = undefined
  /** The fields of the game's entities. Its clients take the same declaration. */
  readonly entities: Declared = plainEntities as Entities as Declared // without an override, Declared is its default
  abstract readonly stateVersion: number
  readonly readsVersion?: number
  abstract readonly inputSchema: z.ZodType<Input>

  /** The game's key of this instance (docs/how-to/extend.md); undefined on maps without such keys. */
  instanceKey: InstanceKey | undefined
  services!: ZoneServices
  #core!: ZoneCore<State, Input>
  #residents!: Residents<State, Input>
  #fair!: FairPlay<State, Input>
  #moves!: SourceMoves<State, Input>
  #standbys!: Standbys<State, Input>
  #saver!: Saver<State, Input>
  #steps!: Steps<State, Input>
  #idleRelease!: IdleRelease<State, Input>
  #inbox!: Inbox<State, Input>
  #clients!: Clients<State, Input>
  #roomState!: RoomStateSync<State, Input>
  #profiles!: ResidentProfiles<State, Input>
  #joining = 0
  #closing = false
  #start: NodeJS.Timeout | undefined

  // --- hooks that the game implements ---------------------------------------------------------------------------
  abstract fresh(holder: SeatHolder): State
  abstract spawn(state: State, holder: SeatHolder): Appearance & Partial<FieldValues<Declared>>
  abstract applyInput(body: BodyOf<State, Declared>, input: Input): void
  abstract step(dtSeconds: number): void
  /** Called once before the first player enters. Add the things of the map and register message handlers here. */
  setUp(): void {}
  migrate(_state: unknown, version: number): State {
    throw new StrataError('INTERNAL', { problem: `the game has no migration for states of version ${version}` })
  }
  save(body: BodyOf<State, Declared>): State {
    return body.state
  }
  canMove(_body: BodyOf<State, Declared>): boolean {
    return true
  }
  canLeave(body: BodyOf<State, Declared>): boolean {
    return this.canMove(body)
  }
  isActivity(_body: BodyOf<State, Declared>, { data, before }: Sent): boolean {
    return !sameData(data, before)
  }
  nearBorder(_body: BodyOf<State, Declared>): MapName | undefined {
    return undefined
  }
  crossed(_body: BodyOf<State, Declared>, _to: MapName): boolean {
    return false
  }
  across(_body: BodyOf<State, Declared>, _to: MapName): { x: number; y: number } | undefined {
    return undefined
  }
  selfState(body: BodyOf<State, Declared>): unknown {
    return body.state
  }
  describeOwn(_body: BodyOf<State, Declared>, _own: Schema): void {}
  label(): string {
    return this.copy
  }
  entered(_body: BodyOf<State, Declared>): void {}
  left(_body: BodyOf<State, Declared>): void {}
  profileChanged(_body: BodyOf<State, Declared>): void {}
  disconnected(_body: BodyOf<State, Declared>): void {}

  // --- methods for the game --------------------------------------------------------------------------------------
  get map(): string {
    return this.#core.map
  }
  /** Checks of what clients claim and ask for (docs/how-to/fair-play.md). */
  get fair(): FairPlay<State, Input> {
    return this.#fair
  }
  get now(): Instant {
    return this.services.clock.now()
  }
  /** Number of the current simulation step. Each snapshot has the number of its step, so that a client can say which one it has seen. */
  get tick(): number {
    return this.#core.tick()
  }
  /** Bodies of the characters that are live in this room. */
  *bodies(): Generator<BodyOf<State, Declared>> {
    for (const { phase, body } of this.#residents) if (phase === 'live') yield body as BodyOf<State, Declared> // spawned with all declared fields
  }
  /** Adds a thing of the map, and returns it with the initial values of fields that it lacks. Players see it like a body. Its id must be FIRST_THING or higher. */
  addThing(thing: EntityView & Partial<FieldValues<Declared>>): EntityOf<Declared> {
    const complete = withInitials(this.entities, thing) as EntityOf<Declared> // has all declared fields now
    this.#core.grid.add(complete)
    return complete
  }
  thing(id: number): EntityOf<Declared> | undefined {
    return id >= FIRST_THING ? (this.#core.grid.get(id) as EntityOf<Declared> | undefined) : undefined // added by addThing
  }
  /** The bodies and things within `radius` metres of a point, as of the last step, in no particular order. */
  near(at: { x: number; y: number; z?: number }, radius: number): EntityOf<Declared>[] {
    return this.#core.grid.near(at, radius) as EntityOf<Declared>[] // bodies and things have all declared fields
  }
  /**
   * Registers the handler for one type of message. A message that does not match the schema disconnects its sender (rule X1). Messages above `rate` are
   * dropped, and the sender's client gets the event `limited`.
   */
  handle<T>(type: string, schema: z.ZodType<T>, run: (body: BodyOf<State, Declared>, message: T) => void, rate = TYPE_RATE): void {
    this.#inbox.handle(type, rate, (body, raw) => run(body as BodyOf<State, Declared>, parsed(type, schema, raw)))
  }
  /** Character, epoch and copy for a call to the economy; undefined when this room does not hold the character any more. */
  holdOf(body: Body<State>): Held | undefined {
    const resident = this.#residents.get(body.holder.character)
    return resident?.body === body && resident.phase === 'live' ? { character: resident.character, epoch: resident.epoch, copy: this.copy } : undefined
  }
  /**
   * Saves the character within about a tenth of a second, because its state has changed in a way that the player would miss after a crash of the server: loot, a
   * new level, a finished quest. Calls of many characters at once are one statement. Do not call it for what changes all the time, such as the position.
   */
  saveSoon(body: Body<State>): void {
    if (this.holdOf(body) !== undefined) this.#saver.soon(body.holder.character)
  }
  tell(body: Body<State>, type: string, message: unknown): void {
    this.#residents.get(body.holder.character)?.connection?.send(type, message)
  }
  /**
   * Says how much an entity matters to a player: while the player's budget of bytes is short, the entity is updated `weight` times as often as others at its
   * distance. 1 is as usual. Members of the party, entities that act on the player (a field of type `entity`), and urgent fields come first anyway.
   */
  interest(body: Body<State>, entity: EntityId, weight: number): void {
    this.#residents.get(body.holder.character)?.sight.weigh(entity, weight)
  }
  /**
   * Sends a message to all players who see this body, including its own player. A player who receives more than 32 kB of such messages a second, or
   * does not read them, misses some.
   */
  tellNear(body: Body<State>, type: string, message: unknown): void {
    const [relayed, now] = [encoded(type, message), this.now]
    for (const { connection, sight, body: own } of this.#residents) {
      if (connection === undefined || (own !== body && !sight.sees(body.id, this.#core.grid))) continue
      if (!connection.relay(relayed, now)) this.services.metrics.dropped.inc({ what: 'relayed' })
    }
  }

  // --- called by Colyseus ----------------------------------------------------------------------------------------
  override onCreate({ copy, map, instanceKey, services }: { copy: CopyId; map: MapName; instanceKey?: InstanceKey; services: ZoneServices }): void {
    this.services = services
    this.instanceKey = instanceKey
    this.roomId = copy
    this.autoDispose = false
    // Colyseus' own limit backs up the frame budget, so it must be above the burst that the budget allows.
    this.maxMessagesPerSecond = 2 * FrameBudget.burst
    const { tickRate, range, bandwidth, leaveWithinMs, saveEveryMs, entities } = this
    const log = services.log.child({ map, copy })
    const guard = (hook: string, run: () => void): void => this.#guard(hook, run)
    const watched = <T>(hook: string, code: () => T): T => (services.watchdog === undefined ? code() : services.watchdog.run(copy, hook, code))
    this.#core = {
      services,
      hooks: this,
      copy,
      map,
      log,
      entities,
      grid: new InterestGrid(range.radius / 2, entities),
      range,
      bandwidth,
      quality: fullQuality(),
      tickRate,
      saveEveryMs,
      leaveWithinMs,
      tick: () => this.#steps.tick,
      guard,
      watched,
    }
    this.#residents = new Residents(this.#core)
    const fair = new FairPlay(this.#core, this.#residents)
    this.#fair = fair
    this.#moves = new SourceMoves(this.#core, this.#residents)
    this.#standbys = new Standbys(this.#core, this.#residents)
    this.#saver = new Saver(this.#core, this.#residents)
    this.#profiles = new ResidentProfiles(this.#core, this.#residents)
    this.#residents.onGone = (character) => {
      this.#moves.gone(character)
      this.#steps.borders.forget(character)
    }
    this.#idleRelease = new IdleRelease(this.#core, this.#residents, {
      moving: ({ character }) => this.#moves.causeOf(character) !== undefined,
      dismiss: (connection, reason) => this.#clients.dismiss(connection, reason),
      acted: (resident) => fair.acted(resident),
    })
    this.#moves.onRescue = (connection, reason) => this.#clients.dismiss(connection, reason)
    this.#inbox = new Inbox(this.#core, { moves: this.#moves, standbys: this.#standbys, idleRelease: this.#idleRelease, fair })
    this.#clients = new Clients(this.#core, { residents: this.#residents, standbys: this.#standbys, inbox: this.#inbox, fair })
    this.#steps = new Steps(this.#core, { residents: this.#residents, moves: this.#moves, standbys: this.#standbys, fair }, this.showEvery)
    this.onMessage('*', (client: Client, type: string | number, message: unknown) => this.#clients.receive(client, String(type), message))
    this.#roomState = new RoomStateSync(this.#core, { residents: this.#residents, connections: () => this.#clients.connections })
    this.state = this.#roomState.state
    watched('setUp', () => this.setUp())
    this.#start = startStaggered(services.rooms.size, 1000 / tickRate, () => {
      this.setFixedTimestep(() => this.#step(), tickRate)
      // Patches are sent by #step. Set after the loop is running: without a loop and a patch rate, Colyseus starts a timer of its own that advances the loop's clock.
      this.patchRate = null
    })
    services.rooms.set(copy, this)
  }

  override async onJoin(client: Client, _options: unknown, { ticket, protocol, at }: Admission): Promise<void> {
    const { services } = this
    const connection = this.#clients.connect(client, protocol)
    this.#joining++
    try {
      if (ticket.copy !== this.copy) throw new StrataError('TICKET_WRONG_COPY')
      if (ticket.expires <= services.clock.now()) throw new StrataError('TICKET_EXPIRED')
      if (this.#closing) throw new StrataError('COPY_UNKNOWN', { copy: this.copy })
      this.#clients.add(connection, ticket.holder.character)
      this.#roomState.arrives(ticket.holder.character)
      await observedJoin(services, ticket, async () => {
        if (ticket.move === undefined) await this.#residents.enter(connection, ticket)
        else this.#standbys.add(connection, { ...ticket, move: ticket.move }, at ?? { x: 0, y: 0 })
      })
      connection.confirmBy = services.clock.now() + CONFIRM_WITHIN_MS
      if (!connection.closed) services.chat?.attach(connection, { holder: ticket.holder, map: this.map, history: ticket.move === undefined })
    } catch (error) {
      this.#clients.remove(client)
      const refusal = joinRefusal(error)
      services.metrics.refusals.inc({ code: refusal.message.split(':', 1)[0] ?? 'INTERNAL' })
      throw refusal
    } finally {
      this.#joining--
    }
  }

  override async onLeave(client: Client, code?: number): Promise<void> {
    const connection = this.#clients.remove(client)
    if (connection === undefined) return
    await this.#clients.disconnected(connection, this.#closing ? 'dismissed' : code === CONSENTED ? 'left' : 'dropped')
  }

  override async onDispose(): Promise<void> {
    this.#closing = true
    clearTimeout(this.#start)
    // Repeat, because a login or a move that is in progress now can add or return a character during this round.
    while (this.#residents.size > 0 || this.#residents.mutex.busy) {
      for (const resident of [...this.#residents]) this.#residents.dismiss(resident)
      await this.#moves.released()
      await this.#residents.mutex.idle()
    }
    this.#moves.close()
    this.#saver[Symbol.dispose]()
    this.services.shares?.forget(this.copy)
    this.services.watchdog?.forget(this.copy)
    if (this.services.rooms.get(this.copy) === this) this.services.rooms.delete(this.copy)
  }

  override onUncaughtException(error: RoomException, hook: RoomMethodName): void {
    const cause = error.cause
    if (hook === 'onJoin' && isRefusal(cause)) return
    this.services.metrics.errors.inc({ hook })
    this.#core.log.error({ err: cause, hook }, 'uncaught exception in a room')
  }

  // --- called by the rest of the process --------------------------------------------------------------------------
  get copy(): string {
    return this.#core.copy
  }
  get states(): StateVersions {
    return { writes: this.stateVersion, reads: this.readsVersion ?? this.stateVersion }
  }
  get load(): LoadLevel {
    return this.#steps.load.level
  }
  get population(): number {
    return this.#residents.size
  }
  get empty(): boolean {
    return this.#residents.size === 0 && this.#standbys.size === 0 && this.#joining === 0 && !this.#residents.mutex.busy && this.#moves.idle
  }
  seats(): Seat[] {
    return this.#residents.seats()
  }
  presences(): Presence[] {
    return [...this.#residents].filter(({ phase }) => phase === 'live').map((resident) => this.#residents.entries.presenceOf(resident))
  }
  copyChanged(copy: Copy): void {
    this.#fair.policy = fairnessFrom(copy.fairness)
    this.#moves.emptyBy = copy.state === 'closing' ? copy.deadline : Number.POSITIVE_INFINITY
    if (copy.state !== 'closing') return
    const closing: ClosingMessage = { reason: copy.reason, deadline: copy.deadline }
    for (const { connection } of this.#residents) connection?.send(control.closing, closing)
  }
  takeOrder(order: MoveOrder): void {
    this.#moves.take(order)
  }
  releaseIdle(line: { waiting: number; afterMs: DurationMs } | undefined): void {
    this.#idleRelease.check(line, this.now)
  }
  tellPlayer(character: CharacterId, notice: NoticeMessage): void {
    this.#residents.get(character)?.connection?.send(control.notice, notice)
  }
  claimSeen({ character, epoch }: Presence): void {
    const resident = this.#residents.get(character)
    if (resident === undefined || epoch <= resident.epoch || this.#moves.claimed(character, epoch)) return
    if (resident.phase === 'live') void this.#residents.fence(resident)
  }
  profilesRead(reading: ProfileReading): void {
    this.#profiles.apply(reading, this.now)
  }
  dismiss(character: CharacterId, reason: StrataError): void {
    const resident = this.#residents.get(character)
    if (resident !== undefined) void this.#residents.end(resident, reason)
  }
  letGo(request: LetGoRequest): void {
    void this.#residents.letGo(request)
  }
  async close(code: number): Promise<void> {
    this.#closing = true
    await this.disconnect(code)
  }

  // --- private ----------------------------------------------------------------------------------------------------
  /** Colyseus calls it with its own serializer when the state is set. */
  override setSerializer(serializer: Serializer<RoomStateSchema>): void {
    const own = new RoomSerializer(
      (client, frame) => this.#clients.get(client)?.sendLater(frame),
      () => this.#roomState.owners(),
    )
    super.setSerializer(serializer instanceof SchemaSerializer ? own : serializer)
  }

  #step(): void {
    this.#steps.run()
    if (this.#steps.tick % Math.max(1, Math.round((this.patchEveryMs * this.tickRate) / 1000)) === 0) {
      this.#roomState.refresh()
      this.broadcastPatch()
    }
    if (this.#steps.tick % CONFIRM_CHECK_EVERY !== 0) return
    this.#clients.refuseUnconfirmed(this.now)
  }

  #guard(hook: string, run: () => void): void {
    try {
      this.#core.watched(hook, run)
    } catch (error) {
      this.services.metrics.errors.inc({ hook })
      this.#core.log.error({ err: error, hook }, 'a hook of the game threw an exception')
    }
  }
}
