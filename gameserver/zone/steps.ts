import { performance } from 'node:perf_hooks'
import type { Instant } from '../../model/clock.ts'
import { type AckMessage, control } from '../../model/wire/room.ts'
import type { ZoneCore } from './core.ts'
import type { SourceMoves } from './moves/sourceMoves.ts'
import type { Standbys } from './moves/standbys.ts'
import { BorderWatch } from './residents/borderWatch.ts'
import type { Resident } from './residents/resident.ts'
import type { Residents } from './residents/residents.ts'
import { Strain } from './strain.ts'

/** Whoever came a moment ago sees each step. */
const ARRIVING_MS = 500
/** Steps between two looks for who is near an edge. */
const BORDER_EVERY = 5

interface Parts<State, Input> {
  residents: Residents<State, Input>
  moves: SourceMoves<State, Input>
  standbys: Standbys<State, Input>
}

/** The simulation steps of one room: inputs, the game, moves, and what each client is shown. */
export class Steps<State, Input> {
  readonly borders: BorderWatch<State, Input>
  readonly #core: ZoneCore<State, Input>
  readonly #parts: Parts<State, Input>
  readonly #showEvery: number
  readonly #strain: Strain
  #tick = 0

  /** `showEvery`: pictures go out every so many steps, for each client at its own turn; half as often while the room is short of CPU. */
  constructor(core: ZoneCore<State, Input>, parts: Parts<State, Input>, showEvery: number) {
    this.#core = core
    this.#parts = parts
    this.#showEvery = showEvery
    this.#strain = new Strain(core.tickRate)
    this.borders = new BorderWatch(({ character, body }) => (parts.moves.causeOf(character) === undefined ? core.hooks.nearBorder(body) : undefined))
  }

  /** Number of the present step. */
  get tick(): number {
    return this.#tick
  }

  run(): void {
    const { services, hooks, grid, guard, tickRate } = this.#core
    const { residents, moves, standbys } = this.#parts
    const stop = services.metrics.tick.startTimer()
    const now = services.clock.now()
    const tick = ++this.#tick
    for (const resident of residents) {
      if (resident.phase === 'live') resident.inputs.apply((input) => guard('applyInput', () => hooks.applyInput(resident.body, input)))
    }
    guard('step', () => hooks.step(1 / tickRate))
    moves.tick(now)
    standbys.tick(now)
    const every = this.#pictureEvery()
    let turn = 0
    for (const resident of residents) {
      if (resident.phase !== 'live') {
        if (!this.#strain.strained || tick % this.#showEvery === 0) residents.showHeld(resident)
        continue
      }
      grid.moved(resident.body.id)
      if (tick % BORDER_EVERY === 0) guard('nearBorder', () => this.borders.look(resident, now))
      if (resident.connection === undefined && now >= resident.graceUntil) void residents.leave(resident)
      else if (turn++ % every === tick % every || this.#hurried(resident, now)) this.#show(resident)
    }
    if (tick % every === 0) standbys.show()
    stop()
  }

  #pictureEvery(): number {
    this.#strain.step(performance.now())
    if (!this.#strain.strained) return this.#showEvery
    this.#core.services.metrics.strainedSteps.inc()
    return 2 * this.#showEvery
  }

  /** Around a crossing every step is shown: between two servers there is no time to lose. */
  #hurried({ character, since }: Resident<State, Input>, now: Instant): boolean {
    return (now - since < ARRIVING_MS && !this.#strain.strained) || this.#parts.moves.causeOf(character) === 'border'
  }

  #show(resident: Resident<State, Input>): void {
    const { applied } = resident.inputs
    if (applied !== resident.acknowledged) {
      resident.acknowledged = applied
      resident.connection?.send(control.ack, { lastInput: applied } satisfies AckMessage)
    }
    this.#parts.residents.show(resident)
  }
}
