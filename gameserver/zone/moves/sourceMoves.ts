import { setTimeout as pause } from 'node:timers/promises'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, CopyId, Epoch, MoveId } from '../../../model/ids.ts'
import type { MoveCause, MoveOrder } from '../../../model/move.ts'
import { forcedMovesStart } from '../../../model/server.ts'
import { control, type GoMessage, type HoldMessage, type OfferMessage, type StayMessage } from '../../../model/wire/room.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import type { Resident } from '../residents/resident.ts'
import type { Residents } from '../residents/residents.ts'
import { beginMove, refuseMove, type SourceEffect, type SourceEvent, type SourceMove, type SourceStep, stepSource } from './sourceMove.ts'

/** How long the client of a character that went live elsewhere may take to leave by itself. */
const LINGER_MS = 10_000

interface Moving<State, Input> {
  move: SourceMove
  /** Who they were when the order came, and the epoch that was released. */
  members: Map<CharacterId, { resident: Resident<State, Input>; epoch: Epoch }>
}

/** Carries out the moves out of one room: the machine of sourceMove.ts, with its effects made real. */
export class SourceMoves<State, Input> {
  readonly #core: ZoneCore<State, Input>
  readonly #residents: Residents<State, Input>
  readonly #moves = new Map<MoveId, Moving<State, Input>>()
  readonly #moveOf = new Map<CharacterId, MoveId>()
  readonly #lingering: { connection: Connection; until: number }[] = []
  readonly #releases = new Set<Promise<void>>()
  #closed = false

  constructor(core: ZoneCore<State, Input>, residents: Residents<State, Input>) {
    this.#core = core
    this.#residents = residents
  }

  get idle(): boolean {
    return this.#moves.size === 0
  }

  /** Called for each order in the mailbox, as often as it is found there. */
  take(order: MoveOrder): void {
    if (this.#moves.has(order.id)) return
    const found = order.members.flatMap(({ character }) => this.#residents.get(character) ?? [])
    for (const { character } of found) this.#supersede(character)
    const ready = found.filter((resident) => resident.phase === 'live' && resident.connection !== undefined && !this.#moveOf.has(resident.character))
    const members = new Map(ready.map((resident) => [resident.character, { resident, epoch: resident.epoch }]))
    const complete = members.size === order.members.length
    const moving: Moving<State, Input> = { move: { state: 'failed', order }, members: complete ? members : new Map() }
    this.#moves.set(order.id, moving)
    if (complete) for (const character of members.keys()) this.#moveOf.set(character, order.id)
    if (complete) return this.#apply(moving, beginMove(order, this.#core.services.clock.now()))
    const reason = 'a member is not here, or on another move'
    // They may be waiting for it, and it is not theirs any more.
    for (const resident of found) this.#stay(order, resident, reason)
    this.#apply(moving, refuseMove(order, reason))
  }

  arrived(character: CharacterId, move: MoveId): void {
    this.#feed(move, { type: 'arrived', character, busy: this.#busy(move) })
  }
  declined(character: CharacterId, move: MoveId, reason: string): void {
    this.#core.log.info({ move, character, reason, state: this.#moves.get(move)?.move.state }, 'a member declined its move')
    this.#feed(move, { type: 'declined', character, reason })
  }
  /** Its client dropped, or it went live elsewhere. */
  gone(character: CharacterId): void {
    const move = this.#moveOf.get(character)
    if (move !== undefined) this.#feed(move, { type: 'gone', character })
  }
  /** Somebody claimed it at this epoch; `true` when a move accounts for that. */
  claimed(character: CharacterId, epoch: Epoch): boolean {
    const move = this.#moveOf.get(character)
    const member = move === undefined ? undefined : this.#moves.get(move)?.members.get(character)
    if (move === undefined || member === undefined || member.resident.phase !== 'released' || epoch <= member.epoch) return false
    this.#feed(move, { type: 'claimed', character })
    return true
  }

  /** Why it is about to be moved; undefined: it is not. */
  causeOf(character: CharacterId): MoveCause | undefined {
    const id = this.#moveOf.get(character)
    return id === undefined ? undefined : this.#moves.get(id)?.move.order.cause
  }

  /** Whoever only stands at a border is free for any other move. */
  #supersede(character: CharacterId): void {
    const waiting = this.#moveOf.get(character)
    if (waiting !== undefined && this.causeOf(character) === 'border') this.#feed(waiting, { type: 'superseded' })
  }

  tick(now: number): void {
    const until = forcedMovesStart(this.#core.services)
    for (const [id, { move }] of this.#moves) {
      if (move.state !== 'releasing') this.#feed(id, { type: 'tick', now, busy: move.state === 'standing' ? this.#busy(id) : [], until })
    }
    while (this.#lingering[0] !== undefined && this.#lingering[0].until <= now) this.#lingering.shift()?.connection.close(new StrataError('LIVE_ELSEWHERE'))
  }

  /** Resolves when the database has said of all who are frozen whether they are released. */
  async released(): Promise<void> {
    await Promise.all(this.#releases)
  }
  close(): void {
    this.#closed = true
  }

  #busy(id: MoveId): CharacterId[] {
    const moving = this.#moves.get(id)
    if (moving === undefined) return []
    const { cause, to } = moving.move.order
    const { hooks } = this.#core
    const held = ({ body }: Resident<State, Input>): boolean => !hooks.canMove(body) || (cause === 'border' && !hooks.crossed(body, to.map))
    return [...moving.members.values()].filter(({ resident }) => held(resident)).map(({ resident }) => resident.character)
  }

  #feed(id: MoveId, event: SourceEvent): void {
    const moving = this.#moves.get(id)
    if (moving !== undefined) this.#apply(moving, stepSource(moving.move, event))
  }

  #apply(moving: Moving<State, Input>, { next, effects }: SourceStep): void {
    moving.move = next
    for (const effect of effects) this.#do(moving, effect)
  }

  #do(moving: Moving<State, Input>, effect: SourceEffect): void {
    const { order } = moving.move
    const { map, copy, heldUntil } = order.to
    const member = 'character' in effect ? moving.members.get(effect.character) : undefined
    const resident = member?.resident
    switch (effect.type) {
      case 'offer':
        return resident?.connection?.send(control.offer, this.#offer(order, moving, effect.character))
      case 'release':
        return this.#follow(this.#release(moving))
      case 'go':
        return resident?.connection?.send(control.go, { move: order.id, epoch: member?.epoch ?? 0, lastInput: resident.inputs.applied } satisfies GoMessage)
      case 'stay':
        if (resident?.phase === 'frozen') this.#residents.thaw(resident)
        return this.#stay(order, resident, effect.reason)
      case 'giveBackSeat':
        if (!this.#boundFor(copy, effect.character, order.id)) void this.#residents.giveBackSeat(map, copy, effect.character, heldUntil)
        return
      case 'reclaim':
        return void this.#reclaim(moving, effect.character)
      case 'return':
        return this.#stay(order, resident, 'not claimed at the destination in time')
      case 'depart':
        return this.#depart(member)
      case 'settle':
        for (const character of moving.members.keys()) this.#moveOf.delete(character)
        this.#core.services.metrics.moves.inc({ cause: order.cause, state: effect.outcome.state })
        this.#core.log.info({ move: order.id, cause: order.cause, to: copy, outcome: effect.outcome.state, reason: effect.outcome.reason }, 'move ended')
        return void this.#settle(order, effect.outcome)
    }
  }

  /** Two of a party may ask for the same in the same instant: the one seat that both orders hold goes with the order that goes on. */
  #boundFor(copy: CopyId, character: CharacterId, except: MoveId): boolean {
    const other = this.#moveOf.get(character)
    return other !== undefined && other !== except && this.#moves.get(other)?.move.order.to.copy === copy
  }

  #offer(order: MoveOrder, { members }: Moving<State, Input>, character: CharacterId): OfferMessage {
    const { id: move, cause, to } = order
    const companions = [...members.values()].filter(({ resident }) => resident.character !== character).map(({ resident }) => resident.body.id)
    const ticket = order.members.find((member) => member.character === character)?.ticket ?? ''
    const body = members.get(character)?.resident.body
    const at = body === undefined || to.map === this.#core.map ? undefined : this.#core.hooks.across(body, to.map)
    return { move, cause, map: to.map, copy: to.copy, address: to.address, ticket, companions, ...(at === undefined ? {} : { at }) }
  }

  #stay(order: MoveOrder, resident: Resident<State, Input> | undefined, reason: string): void {
    resident?.connection?.send(control.stay, { move: order.id, reason, lastInput: resident.inputs.applied } satisfies StayMessage)
  }

  #follow(release: Promise<void>): void {
    this.#releases.add(release)
    void release.finally(() => this.#releases.delete(release))
  }

  async #release(moving: Moving<State, Input>): Promise<void> {
    const { order } = moving.move
    const { services, grid } = this.#core
    const members = [...moving.members.values()]
    const stop = services.metrics.release.startTimer()
    for (const { resident } of members) {
      this.#residents.showHeld(resident)
      resident.phase = 'frozen'
      resident.connection?.send(control.hold, { move: order.id } satisfies HoldMessage)
    }
    // A claim since the order would make an epoch stale; then the database refuses the whole of it.
    const saves = members.map(({ resident, epoch }) => ({ ...this.#residents.saveOf(resident), epoch }))
    const done = await this.#certain('releasing', () => services.store.release(order.id, saves))
    stop()
    if (done === undefined) return
    if (!done) return this.#feed(order.id, { type: 'refused', reason: 'a member went live elsewhere' })
    for (const { resident, epoch } of members) {
      if (resident.phase !== 'frozen' || resident.epoch !== epoch) continue
      resident.phase = 'released'
      grid.remove(resident.body.id)
    }
    this.#feed(order.id, { type: 'released', now: services.clock.now() })
  }

  async #reclaim(moving: Moving<State, Input>, character: CharacterId): Promise<void> {
    const { order } = moving.move
    const member = moving.members.get(character)
    if (member === undefined) return
    const { services, copy } = this.#core
    const claim = await this.#certain(
      'claiming back',
      async () => (await services.store.claimReleased(character, order.id, member.epoch, { copy, server: services.server })) ?? false,
    )
    if (claim === undefined) return
    // A login into this copy may have been faster with its answer, and have put another body in the place of this one.
    const { resident } = member
    if (claim !== false && resident.phase === 'released' && resident.epoch === member.epoch) this.#residents.resume(resident, claim.epoch)
    this.#feed(order.id, { type: 'reclaimed', character, won: claim !== false })
  }

  /** Repeats until the database has said yes or no: in between nobody knows who may write. Undefined: the room closed first. */
  async #certain<T>(what: string, ask: () => Promise<T>): Promise<T | undefined> {
    for (let round = 0; !this.#closed; round++) {
      try {
        return await ask()
      } catch (error) {
        this.#core.log.warn({ err: error, round }, `${what} a moving party failed; asking again`)
        await pause(Math.min(1_000, 50 * 2 ** round))
      }
    }
    return undefined
  }

  #depart(member: { resident: Resident<State, Input>; epoch: Epoch } | undefined): void {
    // A login into this very copy may have resumed it: then it is here by right.
    if (member === undefined || member.resident.phase !== 'released' || member.resident.epoch !== member.epoch) return
    const { resident } = member
    this.#residents.remove(resident)
    void this.#residents.vacate(resident.character, member.epoch)
    if (resident.connection !== undefined) this.#lingering.push({ connection: resident.connection, until: this.#core.services.clock.now() + LINGER_MS })
    // Its end, later, is nothing to the same character, should that be back by then.
    resident.connection = undefined
  }

  /** Kept until the directory has heard it: an order that stays in the mailbox would be taken again. */
  async #settle(order: MoveOrder, outcome: Parameters<ZoneCore<State, Input>['services']['directory']['settleMove']>[1]): Promise<void> {
    await this.#certain('settling the move of', () => this.#core.services.directory.settleMove(this.#core.services.server, outcome))
    this.#moves.delete(order.id)
  }
}
