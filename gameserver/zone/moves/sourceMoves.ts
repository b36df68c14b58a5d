import { defined } from '../../../model/defined.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, CopyId, Epoch, MapName, MoveId } from '../../../model/ids.ts'
import type { MoveCause, MoveOrder, MoveOutcome } from '../../../model/move.ts'
import type { BackoffTimes } from '../../../model/retry/backoff.ts'
import { forcedMovesStart } from '../../../model/server.ts'
import { control, type GoMessage, type HoldMessage, type OfferMessage, type StayMessage } from '../../../model/wire/room.ts'
import { openTicket } from '../../../service/keys/sealedTickets.ts'
import { type OpenSpan, startSpan, traced, within } from '../../../service/observe/trace.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import type { Resident } from '../residents/resident.ts'
import type { Residents } from '../residents/residents.ts'
import { retryWithLog } from '../residents/retryWithLog.ts'
import { beginMove, isOverdue, refuseMove, type SourceEffect, type SourceEvent, type SourceMove, type SourceStep, stepSource } from './sourceMove.ts'

/** Time in ms that the client of a moved character has to leave by itself. Then its connection is closed. */
const LINGER_MS = 10_000
/** Delays in ms between attempts of a call whose answer decides who may write a character. Short, because players wait for it. */
const RETRY_TIMES: BackoffTimes = { firstMs: 50, maxMs: 1_000 }

interface Moving<State, Input> {
  move: SourceMove
  /** The members at the time of the order, with the epoch to release, and their opened tickets. */
  members: Map<CharacterId, { resident: Resident<State, Input>; epoch: Epoch; ticket: string }>
  span: OpenSpan | undefined
}

/** The moves out of one room. Executes the effects of the state machine in sourceMove.ts. */
export class SourceMoves<State, Input> {
  readonly #core: ZoneCore<State, Input>
  readonly #residents: Residents<State, Input>
  readonly #moves = new Map<MoveId, Moving<State, Input>>()
  readonly #moveOf = new Map<CharacterId, MoveId>()
  /** Connections of moved characters that have not left yet. */
  readonly #lingering: { connection: Connection; until: number }[] = []
  readonly #releases = new Set<Promise<void>>()
  #closed = false
  /** When the copy must be empty; set while it is closing. A move over a border that is not crossed by then is cancelled, so that a drain can move the player. */
  emptyBy = Number.POSITIVE_INFINITY
  /** Disconnects a client and lets its character leave. */
  onRescue: (connection: Connection, reason: StrataError) => void = () => {}

  constructor(core: ZoneCore<State, Input>, residents: Residents<State, Input>) {
    this.#core = core
    this.#residents = residents
  }

  get idle(): boolean {
    return this.#moves.size === 0
  }

  /** Takes an order from the mailbox. An order that is in progress is ignored, because it stays in the mailbox until it is settled. */
  take(order: MoveOrder): void {
    if (this.#moves.has(order.id)) return
    const found = order.members.flatMap(({ character }) => this.#residents.get(character) ?? [])
    for (const { character } of found) this.#supersede(character)
    const ready = found.filter((resident) => resident.phase === 'live' && resident.connection !== undefined && !this.#moveOf.has(resident.character))
    const tickets = new Map(order.members.map((member) => [member.character, openTicket(order.id, member, this.#core.services.sealKeys)]))
    const members: Moving<State, Input>['members'] = new Map()
    for (const resident of ready) {
      const ticket = tickets.get(resident.character)
      if (ticket !== undefined) members.set(resident.character, { resident, epoch: resident.epoch, ticket })
    }
    const complete = members.size === order.members.length
    const span = startSpan('move', { parent: order.trace, attributes: { 'strata.move': order.id, 'strata.cause': order.cause, 'strata.to': order.to.copy } })
    const moving: Moving<State, Input> = { move: { state: 'failed', order }, members: complete ? members : new Map(), span }
    this.#moves.set(order.id, moving)
    if (complete) for (const character of members.keys()) this.#moveOf.set(character, order.id)
    if (complete) return this.#apply(moving, beginMove(order, this.#core.services.clock.now()))
    const reason = [...tickets.values()].includes(undefined) ? 'a ticket is sealed for another server' : 'a member is not here, or on another move'
    // A client may be waiting for this order, for example after a travel request.
    for (const resident of found) this.#sendStay(order, resident, reason)
    this.#apply(moving, refuseMove(order, reason))
  }

  arrived(character: CharacterId, move: MoveId): void {
    this.#dispatch(move, { type: 'arrived', character, busy: this.#busy(move) })
  }
  declined(character: CharacterId, move: MoveId, reason: string): void {
    this.#core.log.info({ move, character, reason, state: this.#moves.get(move)?.move.state }, 'a member declined its move')
    this.#dispatch(move, { type: 'declined', character, reason, overdue: this.#overdue(move) })
  }
  /** The member's client has disconnected, or the member is live elsewhere. */
  gone(character: CharacterId): void {
    const move = this.#moveOf.get(character)
    if (move !== undefined) this.#dispatch(move, { type: 'gone', character })
  }
  /** A character was claimed at this epoch. Returns `true` when one of the moves has released it for that. */
  claimed(character: CharacterId, epoch: Epoch): boolean {
    const move = this.#moveOf.get(character)
    const member = move === undefined ? undefined : this.#moves.get(move)?.members.get(character)
    if (move === undefined || member === undefined || member.resident.phase !== 'released' || epoch <= member.epoch) return false
    this.#dispatch(move, { type: 'claimed', character })
    return true
  }

  /** Cause of the move that the character is on; undefined when it is on none. */
  causeOf(character: CharacterId): MoveCause | undefined {
    const id = this.#moveOf.get(character)
    return id === undefined ? undefined : this.#moves.get(id)?.move.order.cause
  }

  /** Map to which the character is being moved; undefined when it is on no move. */
  destinationOf(character: CharacterId): MapName | undefined {
    const id = this.#moveOf.get(character)
    return id === undefined ? undefined : this.#moves.get(id)?.move.order.to.map
  }

  /** Cancels the border move that the character is on, if any, so that another order can take its place. */
  #supersede(character: CharacterId): void {
    const waiting = this.#moveOf.get(character)
    if (waiting !== undefined && this.causeOf(character) === 'border') this.#dispatch(waiting, { type: 'superseded' })
  }

  tick(now: number): void {
    const stopsAt = forcedMovesStart(this.#core.services)
    for (const [id, { move }] of this.#moves) {
      const until = move.order.cause === 'border' ? Math.min(stopsAt, this.emptyBy) : stopsAt
      if (move.state !== 'releasing') this.#dispatch(id, { type: 'tick', now, busy: move.state === 'standing' ? this.#busy(id) : [], until })
    }
    while (this.#lingering[0] !== undefined && this.#lingering[0].until <= now) this.#lingering.shift()?.connection.close(new StrataError('LIVE_ELSEWHERE'))
  }

  /** Resolves when the database has answered all releases in progress. */
  async released(): Promise<void> {
    await Promise.all(this.#releases)
  }
  close(): void {
    this.#closed = true
  }

  #overdue(id: MoveId): boolean {
    const order = this.#moves.get(id)?.move.order
    const { services } = this.#core
    return order !== undefined && isOverdue(order, { now: services.clock.now(), until: forcedMovesStart(services) })
  }

  /** Disconnects a member that did not follow its move until its copy had to be empty. It is saved and can enter again. */
  #rescue(order: MoveOrder, resident: Resident<State, Input> | undefined): void {
    if (resident?.phase !== 'live' || resident.connection === undefined) return
    const { log, services } = this.#core
    const reason = new StrataError('RESCUED')
    log.info({ move: order.id, character: resident.character }, 'a client did not follow its move; its character is saved and disconnected')
    services.metrics.refusals.inc({ code: reason.code })
    this.onRescue(resident.connection, reason)
  }

  #busy(id: MoveId): CharacterId[] {
    const moving = this.#moves.get(id)
    if (moving === undefined) return []
    const { cause, to } = moving.move.order
    const { hooks } = this.#core
    const busy = ({ body }: Resident<State, Input>): boolean => !hooks.canMove(body) || (cause === 'border' && !hooks.crossed(body, to.map))
    return [...moving.members.values()].filter(({ resident }) => busy(resident)).map(({ resident }) => resident.character)
  }

  #dispatch(id: MoveId, event: SourceEvent): void {
    const moving = this.#moves.get(id)
    if (moving !== undefined) this.#apply(moving, stepSource(moving.move, event))
  }

  #apply(moving: Moving<State, Input>, { next, effects }: SourceStep): void {
    moving.move = next
    within(moving.span, () => {
      for (const effect of effects) this.#execute(moving, effect)
    })
  }

  #execute(moving: Moving<State, Input>, effect: SourceEffect): void {
    const { order } = moving.move
    const { map, copy, heldUntil } = order.to
    const member = 'character' in effect ? moving.members.get(effect.character) : undefined
    const resident = member?.resident
    switch (effect.type) {
      case 'offer':
        return resident?.connection?.send(control.offer, this.#offerFor(order, moving, effect.character))
      case 'release':
        return this.#trackRelease(this.#release(moving))
      case 'go':
        return resident?.connection?.send(control.go, { move: order.id, epoch: member?.epoch ?? 0, lastInput: resident.inputs.applied } satisfies GoMessage)
      case 'stay':
        if (resident?.phase === 'frozen') this.#residents.unfreeze(resident)
        return this.#sendStay(order, resident, effect.reason)
      case 'giveBackSeat':
        if (!this.#onAnotherMoveTo(copy, effect.character, order.id)) void this.#residents.entries.giveBackSeat(map, copy, effect.character, heldUntil)
        return
      case 'reclaim':
        return void this.#reclaim(moving, effect.character)
      case 'return':
        return this.#sendStay(order, resident, 'not claimed at the destination in time')
      case 'rescue':
        return this.#rescue(order, resident)
      case 'depart':
        return this.#depart(member)
      case 'settle':
        for (const character of moving.members.keys()) this.#moveOf.delete(character)
        moving.span?.end({ attributes: { 'strata.outcome': effect.outcome.state } })
        this.#core.services.metrics.moves.inc({ cause: order.cause, state: effect.outcome.state })
        this.#core.services.metrics.moveSeconds.observe({ cause: order.cause }, Math.max(0, this.#core.services.clock.now() - order.ordered) / 1_000)
        this.#core.log.info({ move: order.id, cause: order.cause, to: copy, outcome: effect.outcome.state, reason: effect.outcome.reason }, 'move ended')
        return void this.#settle(order, effect.outcome)
    }
  }

  /**
   * Whether the character is on another move to the same copy. Two party members can request the same travel at the same moment; both orders then hold
   * the same seat, and the order that goes on keeps it.
   */
  #onAnotherMoveTo(copy: CopyId, character: CharacterId, except: MoveId): boolean {
    const other = this.#moveOf.get(character)
    return other !== undefined && other !== except && this.#moves.get(other)?.move.order.to.copy === copy
  }

  #offerFor(order: MoveOrder, { members }: Moving<State, Input>, character: CharacterId): OfferMessage {
    const { id: move, cause, to } = order
    const companions = [...members.values()].filter(({ resident }) => resident.character !== character).map(({ resident }) => resident.body.id)
    const { ticket = '', resident } = members.get(character) ?? {}
    const body = resident?.body
    const at = body === undefined || to.map === this.#core.map ? undefined : this.#core.hooks.across(body, to.map)
    return { move, cause, map: to.map, copy: to.copy, address: to.address, ticket, companions, ...defined({ at }) }
  }

  #sendStay(order: MoveOrder, resident: Resident<State, Input> | undefined, reason: string): void {
    resident?.connection?.send(control.stay, { move: order.id, reason, lastInput: resident.inputs.applied } satisfies StayMessage)
  }

  #trackRelease(release: Promise<void>): void {
    this.#releases.add(release)
    void release.finally(() => this.#releases.delete(release))
  }

  async #release(moving: Moving<State, Input>): Promise<void> {
    const { order } = moving.move
    const { services, grid } = this.#core
    const members = [...moving.members.values()]
    const stop = services.metrics.release.startTimer()
    for (const { resident } of members) {
      this.#residents.sendHeldSnapshot(resident)
      resident.phase = 'frozen'
      resident.connection?.send(control.hold, { move: order.id } satisfies HoldMessage)
    }
    // Release at the epochs of the order: if a member was claimed elsewhere since, its epoch is stale and the database refuses the whole release.
    const saves = members.map(({ resident, epoch }) => ({ ...this.#residents.saveOf(resident), epoch }))
    const release = (): Promise<boolean> => traced('release', {}, () => services.store.release(order.id, saves, order.to.server))
    const done = await this.#retryUntilAnswered('releasing a moving party', release)
    stop()
    if (done === undefined) return
    if (!done) return this.#dispatch(order.id, { type: 'refused', reason: 'a member went live elsewhere' })
    for (const { resident, epoch } of members) {
      if (resident.phase !== 'frozen' || resident.epoch !== epoch) continue
      resident.phase = 'released'
      grid.remove(resident.body.id)
    }
    this.#dispatch(order.id, { type: 'released', now: services.clock.now() })
  }

  async #reclaim(moving: Moving<State, Input>, character: CharacterId): Promise<void> {
    const { order } = moving.move
    const member = moving.members.get(character)
    if (member === undefined) return
    const { resident } = member
    const held = await this.#retryUntilAnswered(
      'claiming back a moved character',
      async () => (await this.#heldAgain(order.id, resident, member.epoch)) ?? false,
    )
    if (held === undefined) return
    // A login into this copy may have finished first and replaced this body.
    if (held !== false && resident.phase === 'released' && resident.epoch === member.epoch) this.#residents.resume(resident, held)
    this.#dispatch(order.id, { type: 'reclaimed', character, won: held !== false, overdue: this.#overdue(order.id) })
  }

  /**
   * The epoch at which this server may write the character again; undefined when another one has claimed it. A database that crashed right after the release may
   * have lost it (`claims.release`): then this server still holds the character at the old epoch, as a save shows.
   */
  async #heldAgain(move: MoveId, resident: Resident<State, Input>, epoch: Epoch): Promise<Epoch | undefined> {
    const { services, copy } = this.#core
    const { character } = resident
    const claim = await services.store.claimReleased(character, move, epoch, { copy, server: services.server })
    if (claim !== undefined) return claim.epoch
    const { state, stateVersion } = this.#residents.saveOf(resident)
    return (await services.store.save(character, epoch, state, stateVersion)) ? epoch : undefined
  }

  /** Repeats a call until it is answered: until then it is unknown who may write the characters. Returns undefined when the room has closed. */
  #retryUntilAnswered<T>(what: string, call: () => Promise<T>): Promise<T | undefined> {
    const options = { log: this.#core.log, what, attempts: Number.POSITIVE_INFINITY, times: RETRY_TIMES }
    return retryWithLog(async () => (this.#closed ? undefined : await call()), options)
  }

  #depart(member: { resident: Resident<State, Input>; epoch: Epoch } | undefined): void {
    // A login into this copy may have resumed the character since; then it stays.
    if (member === undefined || member.resident.phase !== 'released' || member.resident.epoch !== member.epoch) return
    const { resident } = member
    this.#residents.remove(resident)
    void this.#residents.clearPresenceAndSeat(resident.character, member.epoch)
    void this.#residents.forwardDismissal(resident)
    if (resident.connection !== undefined) this.#lingering.push({ connection: resident.connection, until: this.#core.services.clock.now() + LINGER_MS })
    // When this connection closes later, ignore it: the character may have a newer session here by then.
    resident.connection = undefined
  }

  /** Keeps the move until the directory has removed the order from the mailbox; otherwise the order would be taken again. */
  async #settle(order: MoveOrder, outcome: MoveOutcome): Promise<void> {
    const { directory, server } = this.#core.services
    await this.#retryUntilAnswered('settling a move', () => directory.settleMove(server, outcome))
    this.#moves.delete(order.id)
  }
}
