import { performance } from 'node:perf_hooks'
import type { DurationMs } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import type { MoveId } from '../../../model/ids.ts'
import type { Ticket } from '../../../model/ticket/ticket.ts'
import { traced } from '../../../service/observe/trace.ts'
import type { Claim } from '../../../store/store.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import { INPUT_QUEUE_MAX, InputQueue } from '../residents/inputQueue.ts'
import type { Residents } from '../residents/residents.ts'
import { fromStored } from '../residents/state/storedState.ts'
import { sendSnapshot } from '../sight/sendSnapshot.ts'
import { Sight } from '../sight/sight.ts'
import { type Standby, type StandbyEffect, type StandbyEvent, stepStandby } from './standby.ts'

/**
 * Time in ms for which the inputs of a moved player count before `activate` arrives here: the release in the database and the way of two messages through a
 * network of 280 ms.
 */
const RELEASE_MS: DurationMs = 1_000

export interface Point {
  x: number
  y: number
  z?: number
}

interface Entry<Input> {
  standby: Standby
  ticket: Ticket
  connection: Connection | undefined
  /** The seat is taken; the claim has not been answered yet. */
  seated: boolean
  claim?: Claim
  /** Inputs that arrived after `activate` and before the answer to the claim. */
  earlyInputs: { seq: number; input: Input }[]
  sight: Sight
  /** Centre of the snapshots until the body is here. */
  centre: Point
  /** Time of `activate` in ms, from `performance.now()`. */
  activatedAtMs: number
}

/** The players on standby in one room. Executes the effects of the state machine in standby.ts. */
export class Standbys<State, Input> {
  readonly #core: ZoneCore<State, Input>
  readonly #residents: Residents<State, Input>
  readonly #entries = new Map<Connection, Entry<Input>>()

  constructor(core: ZoneCore<State, Input>, residents: Residents<State, Input>) {
    this.#core = core
    this.#residents = residents
  }

  get size(): number {
    return this.#entries.size
  }

  add(connection: Connection, ticket: Ticket & { move: MoveId }, centre: Point): void {
    const standby: Standby = { state: 'standing', move: ticket.move }
    const sight = new Sight(this.#core.range)
    this.#entries.set(connection, { standby, ticket, connection, seated: false, earlyInputs: [], sight, centre, activatedAtMs: 0 })
  }

  async activate(connection: Connection, move: MoveId, epoch: number): Promise<void> {
    const entry = this.#entries.get(connection)
    if (entry?.standby.state !== 'standing') return
    entry.activatedAtMs = performance.now()
    const activate = (): Promise<void> =>
      this.#residents.mutex.run(entry.ticket.holder.character, () => this.#dispatch(entry, { type: 'activate', move, epoch }))
    await traced('activate', { parent: entry.ticket.trace, attributes: { 'strata.move': move } }, activate)
  }

  /** Buffers an input that follows `activate`; before that the source applies inputs. Returns `false` when there are too many. */
  input(connection: Connection, seq: number, input: Input): boolean {
    const entry = this.#entries.get(connection)
    if (entry === undefined || entry.standby.state === 'standing') return true
    entry.earlyInputs.push({ seq, input })
    return entry.earlyInputs.length <= INPUT_QUEUE_MAX
  }

  /** Removes a client that has disconnected. Returns `true` when it was on standby here. */
  remove(connection: Connection): boolean {
    const entry = this.#entries.get(connection)
    if (entry === undefined) return false
    entry.connection = undefined
    void this.#dispatch(entry, { type: 'left' })
    return true
  }

  tick(now: number): void {
    for (const entry of this.#entries.values()) if (now >= entry.ticket.expires) void this.#dispatch(entry, { type: 'expired' })
  }

  sendSnapshots(): void {
    for (const { connection, sight, centre, ticket } of this.#entries.values()) {
      sendSnapshot(this.#core, { connection, sight, at: centre, id: 0, party: ticket.holder.party, lastInput: 0 }, { held: false })
    }
  }

  async #dispatch(entry: Entry<Input>, event: StandbyEvent): Promise<void> {
    const { next, effects } = stepStandby(entry.standby, event)
    entry.standby = next
    for (const effect of effects) {
      const follows = await this.#execute(entry, effect)
      if (follows !== undefined) await this.#dispatch(entry, follows)
    }
    if (next.state !== 'ended') return
    if (entry.seated) this.#residents.arriving.delete(entry.ticket.holder.character)
    for (const [connection, one] of this.#entries) if (one === entry) this.#entries.delete(connection)
  }

  async #execute(entry: Entry<Input>, effect: StandbyEffect): Promise<StandbyEvent | undefined> {
    const { services, map, copy, log } = this.#core
    const { ticket, standby } = entry
    const { character } = ticket.holder
    try {
      switch (effect.type) {
        case 'takeSeat':
          if (!(await services.directory.takeSeat(map, copy, character, services.clock.now()))) return { type: 'unseated' }
          entry.seated = true
          this.#residents.arriving.set(character, { ...ticket.holder, state: 'taken', since: services.clock.now() })
          return { type: 'seated' }
        case 'claim': {
          const at = { copy, server: services.server }
          const claim = await traced('claim', {}, () => services.store.claimReleased(character, standby.move, effect.epoch, at))
          if (claim === undefined) return { type: 'missed' }
          entry.claim = claim
          return { type: 'claimed' }
        }
        case 'spawn':
          this.#spawn(entry)
          return undefined
        case 'freeSeat':
          // First, so that the reconciler does not write the seat again that is freed here.
          this.#residents.arriving.delete(character)
          await this.#residents.entries.freeSeat(character)
          return undefined
        case 'giveBackSeat':
          await this.#residents.entries.giveBackSeat(map, copy, character, ticket.expires)
          return undefined
        case 'close':
          services.metrics.refusals.inc({ code: effect.code })
          log.info({ move: standby.move, character, code: effect.code }, 'a move into this copy was refused')
          entry.connection?.close(new StrataError(effect.code, { what: 'The database', type: 'activate', problem: 'this ticket is for another move' }))
          return undefined
      }
    } catch (error) {
      log.error({ err: error, character, move: standby.move, effect: effect.type }, 'could not activate a moved character')
      if (effect.type !== 'spawn') return { type: 'broken' }
      // A hook of the game failed. The character is claimed and its state is saved, so the next login can claim it again.
      entry.connection?.close(new StrataError('INTERNAL', { problem: 'the character could not be loaded' }))
      this.#residents.arriving.delete(character)
      await this.#residents.entries.freeSeat(character)
      return undefined
    }
  }

  /** Spawns the body as soon as the claim is answered; the client gets `live` and a full snapshot at once. */
  #spawn(entry: Entry<Input>): void {
    const { ticket, claim, connection } = entry
    if (claim === undefined) return
    const inputs = new InputQueue<Input>(fromStored(claim).lastInput)
    for (const { seq, input } of entry.earlyInputs) inputs.add(seq, input)
    const claimMs = performance.now() - entry.activatedAtMs
    this.#residents.spawn(ticket.holder, claim, { connection, inputs, earnedMs: RELEASE_MS + claimMs, trace: ticket.trace })
    this.#core.services.metrics.claim.observe(claimMs / 1000)
  }
}
