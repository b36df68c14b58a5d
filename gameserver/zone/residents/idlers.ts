import type { DurationMs, Instant } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import { control, type IdleMessage } from '../../../model/wire/room.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import type { Resident } from './resident.ts'
import type { Residents } from './residents.ts'

/** Whoever is about to give up the seat hears of it so long before, or half of the time that the policy gives when that is short. */
const WARNING_MS: DurationMs = 60_000

/**
 * While others wait in line for this map, whoever has done nothing for as long as the policy says is warned, and then leaves as by
 * their own wish: saved, the seat free for the first in line. Who is busy (`canMove`), who is on a move and who has just come is left
 * alone; without a line nobody is asked for anything.
 */
export class Idlers<State, Input> {
  readonly #core: ZoneCore<State, Input>
  readonly #residents: Residents<State, Input>
  readonly #moving: (resident: Resident<State, Input>) => boolean
  readonly #dismiss: (connection: Connection, because: StrataError) => void

  /** `dismiss` closes the connection, and has its character leave. */
  constructor(
    core: ZoneCore<State, Input>,
    residents: Residents<State, Input>,
    room: { moving: (resident: Resident<State, Input>) => boolean; dismiss: (connection: Connection, because: StrataError) => void },
  ) {
    this.#core = core
    this.#residents = residents
    this.#moving = room.moving
    this.#dismiss = room.dismiss
  }

  /** Their player has done something. */
  heard(resident: Resident<State, Input>, now: Instant): void {
    resident.heard = now
    this.#allClear(resident)
  }

  /** Called about once a second. */
  look(line: { waiting: number; afterMs: DurationMs } | undefined, now: Instant): void {
    const present = [...this.#residents].filter(({ phase, connection }) => phase === 'live' && connection !== undefined)
    if (line === undefined) {
      for (const resident of present) this.#allClear(resident)
      return
    }
    const warning = Math.min(WARNING_MS, line.afterMs / 2)
    // Who is idle for longest goes first, and no more than wait.
    const idle = present.filter((resident) => now - resident.heard >= line.afterMs - warning && this.#free(resident)).sort((a, b) => a.heard - b.heard)
    for (const resident of idle.slice(0, line.waiting)) {
      if (resident.warned === undefined) this.#warn(resident, now + warning)
      else if (now >= resident.warned) this.#release(resident)
    }
  }

  #warn(resident: Resident<State, Input>, leavesAt: Instant): void {
    resident.warned = leavesAt
    resident.connection?.send(control.idle, { leavesAt } satisfies IdleMessage)
  }

  #allClear(resident: Resident<State, Input>): void {
    if (resident.warned === undefined) return
    resident.warned = undefined
    resident.connection?.send(control.idle, {} satisfies IdleMessage)
  }

  #free(resident: Resident<State, Input>): boolean {
    let can = false
    this.#core.guard('canMove', () => {
      can = this.#core.hooks.canMove(resident.body)
    })
    return can && !this.#moving(resident)
  }

  #release(resident: Resident<State, Input>): void {
    const { log, services } = this.#core
    const because = new StrataError('IDLE_RELEASED')
    log.info({ character: resident.character, idleMs: services.clock.now() - resident.heard }, 'somebody who stood idle makes room for the line')
    services.metrics.refusals.inc({ code: because.code })
    if (resident.connection !== undefined) this.#dismiss(resident.connection, because)
  }
}
