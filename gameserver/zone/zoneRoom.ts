import { type Client, Room, type RoomException, type RoomMethodName } from '@colyseus/core'
import type { z } from 'zod'
import type { DurationMs, Instant } from '../../model/clock.ts'
import type { Copy, StateVersions } from '../../model/copy.ts'
import { StrataError } from '../../model/errors.ts'
import { FIRST_THING, type MapName } from '../../model/ids.ts'
import type { MoveOrder } from '../../model/move.ts'
import type { Presence, Seat, SeatHolder } from '../../model/seat.ts'
import { type ClosingMessage, control } from '../../model/wire/room.ts'
import type { EntityView } from '../../model/wire/snapshot.ts'
import type { Held } from '../../store/economy/economy.ts'
import { Connection } from './connection/connection.ts'
import { FRAME_BURST } from './connection/frameBudget.ts'
import { guardFrames } from './connection/frameGuard.ts'
import type { Admission } from './connection/gate.ts'
import { isAnswer, joinRefusal } from './connection/refusal.ts'
import type { ZoneCore } from './core.ts'
import type { Appearance, ZoneHooks } from './hooks.ts'
import { Inbox } from './inbox.ts'
import { SourceMoves } from './moves/sourceMoves.ts'
import { Standbys } from './moves/standbys.ts'
import { Idlers } from './residents/idlers.ts'
import type { Body, Resident } from './residents/resident.ts'
import { Residents } from './residents/residents.ts'
import { Saver } from './residents/saver.ts'
import type { HostedRoom, ZoneServices } from './services.ts'
import { InterestGrid } from './sight/interestGrid.ts'
import { Steps } from './steps.ts'

export { FIRST_THING } from '../../model/ids.ts'
export type { Appearance } from './hooks.ts'
export type { Body } from './residents/resident.ts'

/** Colyseus' CloseCode.CONSENTED: the client said that it leaves. */
const CONSENTED = 4000

/**
 * What studios extend: one copy of one map. It owns who may be here (tickets, seats, epochs), what each client sees,
 * saving, and moves to and from other servers; the game lives in the hooks.
 */
export abstract class ZoneRoom<State, Input> extends Room implements ZoneHooks<State, Input>, HostedRoom {
  /** Simulation steps a second. */
  readonly tickRate: number = 20
  /** Snapshots go out every so many steps, for each client at its own turn. */
  readonly showEvery: number = 2
  /** What players see (metres). */
  readonly range = { radius: 60, margin: 8 }
  abstract readonly stateVersion: number
  readonly readsVersion?: number
  abstract readonly inputSchema: z.ZodType<Input>

  services!: ZoneServices
  #core!: ZoneCore<State, Input>
  #residents!: Residents<State, Input>
  #moves!: SourceMoves<State, Input>
  #standbys!: Standbys<State, Input>
  #saver!: Saver<State, Input>
  #steps!: Steps<State, Input>
  #idlers!: Idlers<State, Input>
  #inbox!: Inbox<State, Input>
  readonly #connections = new Map<Client, Connection>()
  readonly #resident = new Map<Connection, Resident<State, Input>>()
  #joining = 0
  #closing = false

  // --- what a game writes --------------------------------------------------------------------------------------
  abstract fresh(holder: SeatHolder): State
  abstract spawn(state: State, holder: SeatHolder): Appearance
  abstract applyInput(body: Body<State>, input: Input): void
  abstract step(dtSeconds: number): void
  /** Called once, before anybody comes: things of the map, and message handlers. */
  setUp(): void {}
  migrate(_state: unknown, version: number): State {
    throw new StrataError('INTERNAL', { problem: `no migration of states from version ${version}` })
  }
  save(body: Body<State>): State {
    return body.state
  }
  canMove(_body: Body<State>): boolean {
    return true
  }
  nearBorder(_body: Body<State>): MapName | undefined {
    return undefined
  }
  crossed(_body: Body<State>, _to: MapName): boolean {
    return false
  }
  across(_body: Body<State>, _to: MapName): { x: number; y: number } | undefined {
    return undefined
  }
  selfState(body: Body<State>): unknown {
    return body.state
  }
  entered(_body: Body<State>): void {}
  left(_body: Body<State>): void {}
  idle(_body: Body<State>): void {}

  // --- what a game uses ----------------------------------------------------------------------------------------
  get map(): string {
    return this.#core.map
  }
  get now(): Instant {
    return this.services.clock.now()
  }
  /** Characters that are live here. */
  *bodies(): Generator<Body<State>> {
    for (const { phase, body } of this.#residents) if (phase === 'live') yield body
  }
  /** A thing of the map, seen like any body; ids from FIRST_THING on. */
  addThing(thing: EntityView): void {
    this.#core.grid.add(thing)
  }
  thing(id: number): EntityView | undefined {
    return id >= FIRST_THING ? this.#core.grid.get(id) : undefined
  }
  /** Handles one type of message; what does not fit the schema cuts its sender off (rule X1). */
  handle<T>(type: string, schema: z.ZodType<T>, run: (body: Body<State>, message: T) => void): void {
    this.#inbox.handle(type, schema, run)
  }
  /** In whose name a game asks the economy; undefined once this room does not hold the character any more. */
  holdOf(body: Body<State>): Held | undefined {
    const resident = this.#residents.get(body.holder.character)
    return resident?.body === body && resident.phase === 'live' ? { character: resident.character, epoch: resident.epoch, copy: this.copy } : undefined
  }
  tell(body: Body<State>, type: string, message: unknown): void {
    this.#residents.get(body.holder.character)?.connection?.send(type, message)
  }
  /** To everybody who sees this body, its own player included. */
  tellNear(body: Body<State>, type: string, message: unknown): void {
    for (const { connection, sight, body: own } of this.#residents) if (own === body || sight.sees(body.id)) connection?.send(type, message)
  }

  // --- what Colyseus calls -------------------------------------------------------------------------------------
  override onCreate({ copy, map, services }: { copy: string; map: string; services: ZoneServices }): void {
    this.services = services
    this.roomId = copy
    this.autoDispose = false
    // A second line behind the frame budget, which lets a burst of this size pass.
    this.maxMessagesPerSecond = 2 * FRAME_BURST
    const { tickRate, range } = this
    const log = services.log.child({ map, copy })
    const guard = (hook: string, run: () => void): void => this.#guard(hook, run)
    this.#core = { services, hooks: this, copy, map, log, grid: new InterestGrid(range.radius / 2), range, tickRate, tick: () => this.#steps.tick, guard }
    this.#residents = new Residents(this.#core)
    this.#moves = new SourceMoves(this.#core, this.#residents)
    this.#standbys = new Standbys(this.#core, this.#residents)
    this.#saver = new Saver(this.#core, this.#residents)
    this.#residents.onGone = (character) => {
      this.#moves.gone(character)
      this.#steps.borders.forget(character)
    }
    this.#idlers = new Idlers(this.#core, this.#residents, {
      moving: ({ character }) => this.#moves.causeOf(character) !== undefined,
      dismiss: (connection, because) => {
        connection.close(because)
        void this.#lost(connection, true)
      },
    })
    this.#inbox = new Inbox(this.#core, { moves: this.#moves, standbys: this.#standbys, idlers: this.#idlers })
    this.#steps = new Steps(this.#core, { residents: this.#residents, moves: this.#moves, standbys: this.#standbys }, this.showEvery)
    guardFrames(
      this,
      (client) => this.#admitFrame(client),
      (client, error) => this.#cutOff(client, error, 'frame'),
    )
    this.onMessage('*', (client: Client, type: string | number, message: unknown) => this.#receive(client, String(type), message))
    this.setUp()
    this.setFixedTimestep(() => this.#steps.run(), tickRate)
    // After the loop: with neither, Colyseus ticks the clock by a timer of its own, which eats the loop's time.
    this.patchRate = null
    services.rooms.set(copy, this)
  }

  override async onJoin(client: Client, _options: unknown, { ticket, at }: Admission): Promise<void> {
    const { services } = this
    const connection = new Connection(client, services.clock.now())
    this.#joining++
    try {
      if (ticket.copy !== this.copy) throw new StrataError('TICKET_WRONG_COPY')
      if (ticket.expires <= services.clock.now()) throw new StrataError('TICKET_EXPIRED')
      if (this.#closing) throw new StrataError('COPY_UNKNOWN', { copy: this.copy })
      services.tickets.use(ticket, services.clock.now())
      this.#connections.set(client, connection)
      if (ticket.move === undefined) await this.#residents.enter(connection, ticket.holder)
      else this.#standbys.stand(connection, { ...ticket, move: ticket.move }, at ?? { x: 0, y: 0 })
    } catch (error) {
      this.#connections.delete(client)
      const refusal = joinRefusal(error)
      services.metrics.refusals.inc({ code: refusal.message.split(':', 1)[0] ?? 'INTERNAL' })
      throw refusal
    } finally {
      this.#joining--
    }
  }

  override async onLeave(client: Client, code?: number): Promise<void> {
    const connection = this.#connections.get(client)
    if (connection === undefined) return
    this.#connections.delete(client)
    await this.#lost(connection, code === CONSENTED || this.#closing)
  }

  override async onDispose(): Promise<void> {
    this.#closing = true
    // Whoever is let in, or is on the way out by a move, at this very moment is found in the next round.
    while (this.#residents.size > 0 || this.#residents.turns.busy) {
      for (const resident of [...this.#residents]) this.#residents.dismiss(resident)
      await this.#moves.released()
      await this.#residents.turns.idle()
    }
    this.#moves.close()
    this.#saver[Symbol.dispose]()
    if (this.services.rooms.get(this.copy) === this) this.services.rooms.delete(this.copy)
  }

  override onUncaughtException(error: RoomException, hook: RoomMethodName): void {
    const cause = error.cause
    if (hook === 'onJoin' && isAnswer(cause)) return
    this.services.metrics.errors.inc({ hook })
    this.#core.log.error({ err: cause, hook }, 'a room failed')
  }

  // --- what the process asks ------------------------------------------------------------------------------------
  get copy(): string {
    return this.#core.copy
  }
  get states(): StateVersions {
    return { writes: this.stateVersion, reads: this.readsVersion ?? this.stateVersion }
  }
  get population(): number {
    return this.#residents.size
  }
  get empty(): boolean {
    return this.#residents.size === 0 && this.#standbys.size === 0 && this.#joining === 0 && !this.#residents.turns.busy && this.#moves.idle
  }
  seats(): Seat[] {
    return this.#residents.seats()
  }
  presences(): Presence[] {
    return [...this.#residents].filter(({ phase }) => phase === 'live').map((resident) => this.#residents.presenceOf(resident))
  }
  copyChanged(copy: Copy): void {
    if (copy.state !== 'closing') return
    const closing: ClosingMessage = { reason: copy.reason, deadline: copy.deadline }
    for (const { connection } of this.#residents) connection?.send(control.closing, closing)
  }
  takeOrder(order: MoveOrder): void {
    this.#moves.take(order)
  }
  makeRoom(line: { waiting: number; afterMs: DurationMs } | undefined): void {
    this.#idlers.look(line, this.now)
  }
  claimSeen({ character, epoch }: Presence): void {
    const resident = this.#residents.get(character)
    if (resident === undefined || epoch <= resident.epoch || this.#moves.claimed(character, epoch)) return
    if (resident.phase === 'live') void this.#residents.fence(resident)
  }
  async close(code: number): Promise<void> {
    this.#closing = true
    await this.disconnect(code)
  }

  // --- within ---------------------------------------------------------------------------------------------------
  #admitFrame(client: Client): boolean {
    const connection = this.#connections.get(client)
    if (connection === undefined || connection.closed) return false
    if (connection.budget.take(this.now)) return true
    this.#cutOff(client, new StrataError('TOO_MANY_REQUESTS', { seconds: 1 }), 'frame')
    return false
  }

  #receive(client: Client, type: string, message: unknown): void {
    const connection = this.#connections.get(client)
    if (connection === undefined) return
    try {
      this.#inbox.receive(connection, this.#residentOf(connection), type, message)
    } catch (error) {
      if (error instanceof StrataError) return this.#cutOff(client, error, type)
      this.services.metrics.errors.inc({ hook: 'onMessage' })
      this.#core.log.error({ err: error, type }, 'a message handler failed')
    }
  }

  #residentOf(connection: Connection): Resident<State, Input> | undefined {
    const known = this.#resident.get(connection)
    if (known?.connection === connection) return known
    for (const resident of this.#residents) {
      if (resident.connection !== connection) continue
      this.#resident.set(connection, resident)
      return resident
    }
    return undefined
  }

  /** At once, and not only when the other side has answered the closing: who is cut off may never answer. */
  #cutOff(client: Client, error: unknown, type: string): void {
    const connection = this.#connections.get(client)
    if (connection === undefined || connection.closed) return
    const known =
      error instanceof StrataError ? error : new StrataError('MESSAGE_INVALID', { type, problem: error instanceof Error ? error.message : 'garbage' })
    this.services.metrics.refusals.inc({ code: known.code })
    this.#core.log.info({ type, code: known.code, problem: known.message }, 'client cut off')
    connection.close(known)
    void this.#lost(connection, false)
  }

  async #lost(connection: Connection, leaving: boolean): Promise<void> {
    connection.closed = true
    const resident = this.#residentOf(connection)
    this.#resident.delete(connection)
    if (this.#standbys.left(connection) || resident === undefined) return
    this.#residents.onGone(resident.character)
    await this.#residents.disconnected(resident, leaving)
  }

  #guard(hook: string, run: () => void): void {
    try {
      run()
    } catch (error) {
      this.services.metrics.errors.inc({ hook })
      this.#core.log.error({ err: error, hook }, 'the game failed')
    }
  }
}
