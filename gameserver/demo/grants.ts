import type { DurationMs, Instant } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { Economy, Held } from '../../store/economy/economy.ts'
import type { Body, ZoneRoom } from '../zone/zoneRoom.ts'
import type { DemoState, Owed, WalkInput } from './state.ts'

/** Largest number of gathered and looted items that wait for the economy per character. Above it gathering is refused, and creatures drop nothing for it. */
export const OWED_MAX = 50
/** Delay in ms before a grant is tried again after a failure. */
const RETRY_AFTER_MS: DurationMs = 2_000
/** Economies with a grant in flight: one per process at a time, because grants can wait and moves and saves need the few connections. */
const busy = new WeakSet<Economy>()

/**
 * Grants gathered items and loot through the economy. What is owed is saved with the character, and each grant has its own idempotency key. If the server
 * dies or the character is moved between the grant and the save, the same grant is requested again and the item is granted once.
 */
export class Grants {
  readonly #room: Pick<ZoneRoom<DemoState, WalkInput>, 'holdOf' | 'tell' | 'services'>
  readonly #economy: Economy
  /** Time of the next attempt after a failure. */
  readonly #retryAt = new WeakMap<Body<DemoState>, Instant>()

  constructor(room: Pick<ZoneRoom<DemoState, WalkInput>, 'holdOf' | 'tell' | 'services'>, economy: Economy) {
    this.#room = room
    this.#economy = economy
  }

  grantNext(body: Body<DemoState>, now: Instant): void {
    const [owed] = body.state.owed
    if (owed === undefined || busy.has(this.#economy) || (this.#retryAt.get(body) ?? 0) > now) return
    const held = this.#room.holdOf(body)
    if (held === undefined) return
    busy.add(this.#economy)
    void this.#grant(body, owed, held)
  }

  async #grant(body: Body<DemoState>, owed: Owed, held: Held): Promise<void> {
    const { services } = this.#room
    try {
      const gained = await grantOwed(this.#economy, held.character, owed, held)
      body.state.owed = body.state.owed.filter(({ id }) => id !== owed.id)
      this.#room.tell(body, 'gained', { ...gained, from: owed.from })
    } catch (error) {
      // The character has been moved with what it is owed: its new server asks for the same grant.
      if (error instanceof StrataError && error.code === 'EPOCH_STALE') return
      services.log.warn({ err: error, character: held.character }, 'could not grant a gathered or looted item; trying again')
      this.#retryAt.set(body, services.clock.now() + RETRY_AFTER_MS)
    } finally {
      busy.delete(this.#economy)
    }
  }
}

/** Grants an owed item, or its value in money when the bag is full. Throws EPOCH_STALE, DEPENDENCY_DOWN. */
export async function grantOwed(economy: Economy, character: CharacterId, { id, kinds, from }: Owed, held?: Held) {
  try {
    return await economy.grant({ actor: character, key: `${from} ${id}` }, { character, items: kinds, reason: from }, held)
  } catch (error) {
    if (!(error instanceof StrataError) || error.code !== 'BAG_FULL') throw error
    return await economy.grant({ actor: character, key: `sold ${id}` }, { character, money: kinds.length, reason: 'sold: the bag was full' }, held)
  }
}
