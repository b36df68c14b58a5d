import { performance } from 'node:perf_hooks'
import { StrataError } from '../../../model/errors.ts'
import type { MoveId } from '../../../model/ids.ts'
import type { Ticket } from '../../../model/ticket/ticket.ts'
import type { Claim } from '../../../store/store.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import { INPUT_LINE_MAX, InputLine } from '../residents/inputLine.ts'
import type { Residents } from '../residents/residents.ts'
import { fromStored } from '../residents/storedState.ts'
import { sendPicture } from '../sight/sendPicture.ts'
import { Sight } from '../sight/sight.ts'
import { type Standby, type StandbyEffect, type StandbyEvent, stepStandby } from './standby.ts'

export interface Point {
  x: number
  y: number
}

interface Waiting<Input> {
  standby: Standby
  ticket: Ticket
  connection: Connection | undefined
  /** It took its seat, and is on its way. */
  seated: boolean
  claim?: Claim
  /** Inputs sent behind `activate`, before the claim has answered. */
  early: { seq: number; input: Input }[]
  sight: Sight
  /** What it looks at until its body is here. */
  centre: Point
  activated: number
}

/** Those who stand by in one room to be moved into it: the machine of standby.ts, with its effects made real. */
export class Standbys<State, Input> {
  readonly #core: ZoneCore<State, Input>
  readonly #residents: Residents<State, Input>
  readonly #all = new Map<Connection, Waiting<Input>>()

  constructor(core: ZoneCore<State, Input>, residents: Residents<State, Input>) {
    this.#core = core
    this.#residents = residents
  }

  get size(): number {
    return this.#all.size
  }

  stand(connection: Connection, ticket: Ticket & { move: MoveId }, centre: Point): void {
    const standby: Standby = { state: 'standing', move: ticket.move }
    this.#all.set(connection, { standby, ticket, connection, seated: false, early: [], sight: new Sight(this.#core.range), centre, activated: 0 })
  }

  has(connection: Connection): boolean {
    return this.#all.has(connection)
  }

  async activate(connection: Connection, move: MoveId, epoch: number): Promise<void> {
    const waiting = this.#all.get(connection)
    if (waiting?.standby.state !== 'standing') return
    waiting.activated = performance.now()
    await this.#residents.turns.run(waiting.ticket.holder.character, () => this.#feed(waiting, { type: 'activate', move, epoch }))
  }

  /** `false`: it sends more than fits. Before `activate` the source applies its inputs. */
  input(connection: Connection, seq: number, input: Input): boolean {
    const waiting = this.#all.get(connection)
    if (waiting === undefined || waiting.standby.state === 'standing') return true
    waiting.early.push({ seq, input })
    return waiting.early.length <= INPUT_LINE_MAX
  }

  /** `true` when it stood by here. */
  left(connection: Connection): boolean {
    const waiting = this.#all.get(connection)
    if (waiting === undefined) return false
    waiting.connection = undefined
    void this.#feed(waiting, { type: 'left' })
    return true
  }

  tick(now: number): void {
    for (const waiting of this.#all.values()) if (now >= waiting.ticket.expires) void this.#feed(waiting, { type: 'expired' })
  }

  show(): void {
    for (const waiting of this.#all.values()) sendPicture(this.#core, waiting, waiting.centre)
  }

  async #feed(waiting: Waiting<Input>, event: StandbyEvent): Promise<void> {
    const { next, effects } = stepStandby(waiting.standby, event)
    waiting.standby = next
    for (const effect of effects) {
      const follows = await this.#do(waiting, effect)
      if (follows !== undefined) await this.#feed(waiting, follows)
    }
    if (next.state !== 'ended') return
    if (waiting.seated) this.#residents.arriving.delete(waiting.ticket.holder.character)
    for (const [connection, one] of this.#all) if (one === waiting) this.#all.delete(connection)
  }

  async #do(waiting: Waiting<Input>, effect: StandbyEffect): Promise<StandbyEvent | undefined> {
    const { services, map, copy, log } = this.#core
    const { ticket, standby } = waiting
    const { character } = ticket.holder
    try {
      switch (effect.type) {
        case 'takeSeat':
          if (!(await services.directory.takeSeat(map, copy, character, services.clock.now()))) return { type: 'unseated' }
          waiting.seated = true
          this.#residents.arriving.set(character, { ...ticket.holder, state: 'taken', since: services.clock.now() })
          return { type: 'seated' }
        case 'claim': {
          const claim = await services.store.claimReleased(character, standby.move, effect.epoch, { copy, server: services.server })
          if (claim === undefined) return { type: 'missed' }
          waiting.claim = claim
          return { type: 'claimed' }
        }
        case 'embody':
          this.#embody(waiting)
          return undefined
        case 'freeSeat':
          await this.#residents.freeSeat(character)
          return undefined
        case 'giveBackSeat':
          await this.#residents.giveBackSeat(map, copy, character, ticket.expires)
          return undefined
        case 'close':
          services.metrics.refusals.inc({ code: effect.code })
          log.info({ move: standby.move, character, code: effect.code }, 'a move into this copy was refused')
          waiting.connection?.close(new StrataError(effect.code, { what: 'The database', type: 'activate', problem: 'this ticket is for another move' }))
          return undefined
      }
    } catch (error) {
      log.error({ err: error, character, move: standby.move, effect: effect.type }, 'an activation failed')
      if (effect.type !== 'embody') return { type: 'broken' }
      // The game could not load it. It is claimed and saved; the next login claims it again.
      waiting.connection?.close(new StrataError('INTERNAL', { problem: 'the character could not be loaded' }))
      await this.#residents.freeSeat(character)
      return undefined
    }
  }

  /** In the step in which the claim's answer came: the body is there, the client hears `live` and sees everything. */
  #embody(waiting: Waiting<Input>): void {
    const { ticket, claim, connection } = waiting
    if (claim === undefined) return
    const inputs = new InputLine<Input>(fromStored(claim).lastInput)
    for (const { seq, input } of waiting.early) inputs.add(seq, input)
    this.#residents.embody(ticket.holder, claim, connection, inputs)
    this.#core.services.metrics.claim.observe((performance.now() - waiting.activated) / 1000)
  }
}
