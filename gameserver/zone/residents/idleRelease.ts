import type { DurationMs, Instant } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import { control, type IdleMessage } from '../../../model/wire/room.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import type { Resident } from './resident.ts'
import type { Residents } from './residents.ts'

/** Time in ms between the warning and the release of an idle player; half of the policy's idle limit when that is shorter. */
const WARNING_MS: DurationMs = 60_000

/**
 * Releases the seats of idle players while others wait in line for this map. A player who has done nothing for as long as the policy allows is
 * warned, then saved and disconnected, so that the first in line gets the seat. Players who are busy (`canMove`) or on a move are left alone.
 */
export class IdleRelease<State, Input> {
  readonly #core: ZoneCore<State, Input>
  readonly #residents: Residents<State, Input>
  readonly #moving: (resident: Resident<State, Input>) => boolean
  readonly #dismiss: (connection: Connection, reason: StrataError) => void
  readonly #acted: (resident: Resident<State, Input>) => void

  /** `dismiss` closes the connection and lets its character leave. `acted` is called for each sign that a player is there. */
  constructor(
    core: ZoneCore<State, Input>,
    residents: Residents<State, Input>,
    room: {
      moving: (resident: Resident<State, Input>) => boolean
      dismiss: (connection: Connection, reason: StrataError) => void
      acted?: (resident: Resident<State, Input>) => void
    },
  ) {
    this.#core = core
    this.#residents = residents
    this.#moving = room.moving
    this.#dismiss = room.dismiss
    this.#acted = room.acted ?? (() => {})
  }

  /** The player has sent an input or a message, which may show that they are there. Returns whether it does. */
  noteSent(resident: Resident<State, Input>, { type, data }: { type: string; data: unknown }, now: Instant): boolean {
    const isInput = type === control.input
    const sent = { type, data, before: isInput ? resident.lastInput : resident.lastSent.get(type) }
    if (isInput) resident.lastInput = data
    else resident.lastSent.set(type, data)
    let active = false
    this.#core.guard('isActivity', () => {
      active = this.#core.hooks.isActivity(resident.body, sent)
    })
    if (active) this.noteActivity(resident, now)
    return active
  }

  /** The player is there. */
  noteActivity(resident: Resident<State, Input>, now: Instant): void {
    resident.lastActive = now
    this.#acted(resident)
    this.#withdrawWarning(resident)
  }

  /** Warns or releases idle players; called about once a second. `line` is undefined when nobody waits. */
  check(line: { waiting: number; afterMs: DurationMs } | undefined, now: Instant): void {
    const present = [...this.#residents].filter(({ phase, connection }) => phase === 'live' && connection !== undefined)
    if (line === undefined) {
      for (const resident of present) this.#withdrawWarning(resident)
      return
    }
    const warning = Math.min(WARNING_MS, line.afterMs / 2)
    // The player who has been idle longest goes first. No more players are released than wait in line.
    const idle = present
      .filter((resident) => now - resident.lastActive >= line.afterMs - warning && this.#mayRelease(resident))
      .sort((a, b) => a.lastActive - b.lastActive)
    for (const resident of idle.slice(0, line.waiting)) {
      if (resident.releaseAt === undefined) this.#warn(resident, now + warning)
      else if (now >= resident.releaseAt) this.#release(resident)
    }
  }

  #warn(resident: Resident<State, Input>, leavesAt: Instant): void {
    resident.releaseAt = leavesAt
    resident.connection?.send(control.idle, { leavesAt } satisfies IdleMessage)
  }

  #withdrawWarning(resident: Resident<State, Input>): void {
    if (resident.releaseAt === undefined) return
    resident.releaseAt = undefined
    resident.connection?.send(control.idle, {} satisfies IdleMessage)
  }

  #mayRelease(resident: Resident<State, Input>): boolean {
    let canMove = false
    this.#core.guard('canMove', () => {
      canMove = this.#core.hooks.canMove(resident.body)
    })
    return canMove && !this.#moving(resident)
  }

  #release(resident: Resident<State, Input>): void {
    const { log, services } = this.#core
    const reason = new StrataError('IDLE_RELEASED')
    log.info({ character: resident.character, idleMs: services.clock.now() - resident.lastActive }, 'released the seat of an idle player for the line')
    services.metrics.refusals.inc({ code: reason.code })
    if (resident.connection !== undefined) this.#dismiss(resident.connection, reason)
  }
}
