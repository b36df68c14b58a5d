import type { Instant } from '../../../model/clock.ts'
import type { CharacterId, MapName } from '../../../model/ids.ts'
import { type BorderMessage, control } from '../../../model/wire/room.ts'
import type { Resident } from './resident.ts'

const AGAIN_MS = 3_000

/** Tells clients that they are about to walk into another map, so that they can have a place there before they are at its edge. */
export class BorderWatch<State, Input> {
  readonly #near: (resident: Resident<State, Input>) => MapName | undefined
  readonly #told = new Map<CharacterId, Instant>()

  constructor(near: (resident: Resident<State, Input>) => MapName | undefined) {
    this.#near = near
  }

  look(resident: Resident<State, Input>, now: Instant): void {
    const map = this.#near(resident)
    if (map === undefined) {
      this.#told.delete(resident.character)
      return
    }
    if (now - (this.#told.get(resident.character) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return
    this.#told.set(resident.character, now)
    resident.connection?.send(control.border, { map } satisfies BorderMessage)
  }

  forget(character: CharacterId): void {
    this.#told.delete(character)
  }
}
