import type { DurationMs, Instant } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { Economy, Held } from '../../store/economy/economy.ts'
import type { Body, ZoneRoom } from '../zone/zoneRoom.ts'
import type { DemoState, Owed, WalkInput } from './state.ts'

/** Gathering goes on while booking is late, for so many; then it is refused with the reason. */
export const MOST_OWED = 50
const AGAIN_MS: DurationMs = 2_000
/** One booking a process at a time: what is gathered can wait, and moves and saves share its few connections. */
const busy = new WeakSet<Economy>()

/**
 * Books what somebody gathered. What is owed is saved with the character and asked for under its own key: a server that
 * dies, or hands the character over, between the booking and the save leads to the same question again, and to the same answer.
 */
export class Harvest {
  readonly #room: Pick<ZoneRoom<DemoState, WalkInput>, 'holdOf' | 'tell' | 'services'>
  readonly #economy: Economy
  /** When to ask again after there was no answer. */
  readonly #next = new WeakMap<Body<DemoState>, Instant>()

  constructor(room: Pick<ZoneRoom<DemoState, WalkInput>, 'holdOf' | 'tell' | 'services'>, economy: Economy) {
    this.#room = room
    this.#economy = economy
  }

  book(body: Body<DemoState>, now: Instant): void {
    const [owed] = body.state.owed
    if (owed === undefined || busy.has(this.#economy) || (this.#next.get(body) ?? 0) > now) return
    const held = this.#room.holdOf(body)
    if (held === undefined) return
    busy.add(this.#economy)
    void this.#ask(body, owed, held)
  }

  async #ask(body: Body<DemoState>, owed: Owed, held: Held): Promise<void> {
    const { services } = this.#room
    try {
      const gained = await payOwed(this.#economy, held.character, owed, held)
      body.state.owed = body.state.owed.filter(({ id }) => id !== owed.id)
      this.#room.tell(body, 'gained', gained)
    } catch (error) {
      services.log.warn({ err: error, character: held.character }, 'what somebody gathered is not booked yet')
      this.#next.set(body, services.clock.now() + AGAIN_MS)
    } finally {
      busy.delete(this.#economy)
    }
  }
}

/** What no longer fits into the bag is sold on the spot. Throws EPOCH_STALE, DEPENDENCY_DOWN. */
export async function payOwed(economy: Economy, character: CharacterId, { id, kinds }: Owed, held?: Held) {
  const reason = 'gathered'
  try {
    return await economy.grant({ actor: character, key: `gathered ${id}` }, { character, items: kinds, reason }, held)
  } catch (error) {
    if (!(error instanceof StrataError) || error.code !== 'BAG_FULL') throw error
    return await economy.grant({ actor: character, key: `sold ${id}` }, { character, money: kinds.length, reason: 'sold: the bag was full' }, held)
  }
}
