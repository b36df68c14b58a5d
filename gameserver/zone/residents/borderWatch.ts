import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { CharacterId, MapName } from '../../../model/ids.ts'
import { type BorderMessage, control } from '../../../model/wire/room.ts'
import type { Resident } from './resident.ts'

/** Interval in ms at which the notice is repeated while the character stays near the border. */
const REPEAT_EVERY_MS: DurationMs = 3_000

/** Notifies clients whose character is about to walk into another map, so that they get a seat there before they reach the border. */
export class BorderWatch<State, Input> {
  readonly #near: (resident: Resident<State, Input>) => MapName | undefined
  readonly #notifiedAt = new Map<CharacterId, Instant>()

  constructor(near: (resident: Resident<State, Input>) => MapName | undefined) {
    this.#near = near
  }

  check(resident: Resident<State, Input>, now: Instant): void {
    const map = this.#near(resident)
    if (map === undefined) {
      this.#notifiedAt.delete(resident.character)
      return
    }
    if (now - (this.#notifiedAt.get(resident.character) ?? Number.NEGATIVE_INFINITY) < REPEAT_EVERY_MS) return
    this.#notifiedAt.set(resident.character, now)
    resident.connection?.send(control.border, { map } satisfies BorderMessage)
  }

  forget(character: CharacterId): void {
    this.#notifiedAt.delete(character)
  }
}
