import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { CharacterId, MapName } from '../../../model/ids.ts'
import { type BorderMessage, control } from '../../../model/wire/room.ts'
import type { Resident } from './resident.ts'

/** Interval in ms at which the notice is repeated while the character stays near the border. */
const REPEAT_EVERY_MS: DurationMs = 3_000
/** Shortest time in ms between notices for two borders. In a corner, the nearer border can change with each step, and each notice asks for a seat. */
const CHANGE_AFTER_MS: DurationMs = 500

/** Notifies clients whose character is about to walk into another map, so that they get a seat there before they reach the border. */
export class BorderWatch<State, Input> {
  readonly #near: (resident: Resident<State, Input>) => MapName | undefined
  readonly #notified = new Map<CharacterId, { map: MapName; at: Instant }>()

  constructor(near: (resident: Resident<State, Input>) => MapName | undefined) {
    this.#near = near
  }

  check(resident: Resident<State, Input>, now: Instant): void {
    const map = this.#near(resident)
    if (map === undefined) return
    const last = this.#notified.get(resident.character)
    if (last !== undefined && now - last.at < (last.map === map ? REPEAT_EVERY_MS : CHANGE_AFTER_MS)) return
    this.#notified.set(resident.character, { map, at: now })
    resident.connection?.send(control.border, { map } satisfies BorderMessage)
  }

  forget(character: CharacterId): void {
    this.#notified.delete(character)
  }
}
