import type { EntityId, PartyId } from '../../../model/ids.ts'
import type { Body } from '../../zone/zoneRoom.ts'
import type { Species } from '../creatures/species.ts'
import { OWED_MAX } from '../grants.ts'
import type { DemoState } from '../state.ts'
import { nextInTurn } from './turns.ts'

/** Members of the killer's party within this many metres of it share its loot. */
const SHARE_M = 60

/** Who gets what a creature drops. */
export class Loot {
  /** Who of each party got the last drop. Forgotten with the room: then the turns begin again. */
  readonly #last = new Map<PartyId, EntityId>()

  /**
   * Writes the drops into the states of the players who get them (`owed`), from where they are booked once, also when the server dies or the character is moved.
   * `deed` names this kill and no other one. Returns who got something.
   */
  share(deed: string, { drops, forEach = false }: Species, killer: Body<DemoState>, bodies: readonly Body<DemoState>[]): Body<DemoState>[] {
    const { party } = killer.holder
    // Without room for another grant nobody gets the item: the state must not grow while the economy is down.
    const sharing = [killer, ...bodies.filter((body) => body !== killer && party !== undefined && body.holder.party === party && near(body, killer))].filter(
      ({ state }) => state.owed.length < OWED_MAX,
    )
    const taker = nextInTurn(
      sharing.map(({ id }) => id),
      party === undefined ? undefined : this.#last.get(party),
    )
    if (party !== undefined && taker !== undefined) this.#last.set(party, taker)
    const getting = forEach ? sharing : sharing.filter(({ id }) => id === taker)
    for (const { state } of getting) state.owed = [...state.owed, { id: deed, kinds: [...drops], from: 'loot' }]
    return getting
  }
}

function near(one: Body<DemoState>, other: Body<DemoState>): boolean {
  return Math.hypot(one.x - other.x, one.y - other.y) <= SHARE_M
}
