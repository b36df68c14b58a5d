import { performance } from 'node:perf_hooks'
import type { Instant } from '../../model/clock.ts'
import { LOAD } from '../../model/load.ts'
import { type AckMessage, control } from '../../model/wire/room.ts'
import type { ZoneCore } from './core.ts'
import type { FairPlay } from './fairPlay.ts'
import { RoomLoad } from './load/roomLoad.ts'
import type { SourceMoves } from './moves/sourceMoves.ts'
import type { Standbys } from './moves/standbys.ts'
import { BorderWatch } from './residents/borderWatch.ts'
import type { Resident } from './residents/resident.ts'
import type { Residents } from './residents/residents.ts'

/** Time in ms after a character's arrival in which its client gets a snapshot at every step. */
const ARRIVING_MS = 500
/** Number of steps between two checks whether characters are near a border. */
const BORDER_EVERY = 5

interface Parts<State, Input> {
  residents: Residents<State, Input>
  moves: SourceMoves<State, Input>
  standbys: Standbys<State, Input>
  fair: FairPlay<State, Input>
}

/** Runs the simulation steps of one room: inputs, the game, moves, and the snapshots for each client. */
export class Steps<State, Input> {
  readonly borders: BorderWatch<State, Input>
  readonly load: RoomLoad<State, Input>
  readonly #core: ZoneCore<State, Input>
  readonly #parts: Parts<State, Input>
  readonly #showEvery: number
  #tick = 0

  /** `showEvery`: number of steps between two snapshots for one client, twice as many from load level 2 on. Clients take turns. */
  constructor(core: ZoneCore<State, Input>, parts: Parts<State, Input>, showEvery: number) {
    this.#core = core
    this.#parts = parts
    this.#showEvery = showEvery
    this.load = new RoomLoad(core)
    this.borders = new BorderWatch(({ character, body }) => {
      if (core.services.clock.now() >= parts.moves.emptyBy) return undefined
      const cause = parts.moves.causeOf(character)
      if (cause !== undefined && cause !== 'border') return undefined
      // A pending move over one border must not make another border a wall: the newer wish replaces the older one.
      const near = core.hooks.nearBorder(body)
      return near === parts.moves.destinationOf(character) ? undefined : near
    })
  }

  /** Number of the current step. */
  get tick(): number {
    return this.#tick
  }

  run(): void {
    const beganMs = performance.now()
    if (!this.load.mayStep(beganMs)) return
    this.load.began(beganMs)
    const { services, hooks, grid, guard, tickRate } = this.#core
    const { residents, moves, standbys, fair } = this.#parts
    const stop = services.metrics.tick.startTimer()
    const now = services.clock.now()
    const tick = ++this.#tick
    this.#applyInputs()
    guard('step', () => hooks.step(1 / tickRate))
    fair.recordPositions()
    moves.tick(now)
    standbys.tick(now)
    grid.sync(tick)
    const every = this.#snapshotEvery()
    let turn = 0
    for (const resident of residents) {
      if (resident.phase !== 'live') {
        if (!this.#slow || tick % this.#showEvery === 0) residents.sendHeldSnapshot(resident)
        continue
      }
      if (tick % BORDER_EVERY === 0) guard('nearBorder', () => this.borders.check(resident, now))
      if (resident.connection === undefined && residents.mayLeave(resident, now)) void residents.leave(resident)
      else if (turn++ % every === tick % every || this.#early(resident, now)) this.#sendSnapshot(resident)
    }
    if (tick % every === 0) standbys.sendSnapshots()
    stop()
    this.load.ended(beganMs, performance.now())
  }

  /** One call of the guard for all residents; another one after each exception, which goes on with the inputs behind the one that failed. */
  #applyInputs(): void {
    const { guard, hooks } = this.#core
    const waiting = this.#parts.residents[Symbol.iterator]()
    let next = waiting.next()
    while (next.done !== true) {
      guard('applyInput', () => {
        while (next.done !== true) {
          const { phase, inputs, body } = next.value
          if (phase === 'live' && !inputs.empty) inputs.apply((input) => hooks.applyInput(body, input))
          next = waiting.next()
        }
      })
    }
  }

  get #slow(): boolean {
    return this.load.level >= LOAD.slow
  }

  #snapshotEvery(): number {
    const { quality, services } = this.#core
    quality.thin = this.load.level >= LOAD.thin ? 2 : 1
    quality.every = this.#slow ? 2 : 1
    if (this.#slow) services.metrics.overloadedSteps.inc()
    return quality.every * this.#showEvery
  }

  /** Just arrived or about to cross a border: every step is sent, to keep the gap between two servers short. */
  #arriving({ character, since }: Resident<State, Input>, now: Instant): boolean {
    const { moves } = this.#parts
    return (now - since < ARRIVING_MS && !this.#slow) || (!moves.idle && moves.causeOf(character) === 'border')
  }

  /** Whether the client gets a snapshot before its turn. */
  #early(resident: Resident<State, Input>, now: Instant): boolean {
    return this.#arriving(resident, now) || (this.load.level === 0 && resident.answer.due(this.#tick))
  }

  #sendSnapshot(resident: Resident<State, Input>): void {
    resident.answer.sent()
    const { applied } = resident.inputs
    if (resident.connection?.protocol === 1 && applied !== resident.acknowledged) {
      resident.acknowledged = applied
      resident.connection.send(control.ack, { lastInput: applied } satisfies AckMessage)
    }
    this.#parts.residents.sendSnapshot(resident)
  }
}
