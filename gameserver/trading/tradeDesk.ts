import type { TradeId } from '../../model/economy.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, EntityId } from '../../model/ids.ts'
import type { Economy } from '../../store/economy/economy.ts'
import { attempt } from '../zone/residents/attempt.ts'
import type { Body } from '../zone/residents/resident.ts'
import type { ZoneRoom } from '../zone/zoneRoom.ts'
import { acceptMessage, askMessage, cancelMessage, confirmMessage, offerMessage } from './messages.ts'

/** Metres between two who trade. */
const REACH = 10
const TRIES = 4

type Room<State> = Pick<ZoneRoom<State, never>, 'handle' | 'tell' | 'holdOf' | 'bodies' | 'copy' | 'services'>

/**
 * Direct trade in one room: `trade.ask` → `trade.asked` at the other's, `trade.accept`, then `trade.offer` and
 * `trade.confirm` by both until it is done; both hear `trade` with the whole of it after each change. The truth is in the
 * store; this only carries words, and ends a trade at once when one of the two goes (the store would, a little later).
 */
export class TradeDesk<State> {
  readonly #room: Room<State>
  readonly #economy: Economy
  /** Whom somebody has asked. */
  readonly #asked = new Map<CharacterId, CharacterId>()
  readonly #trading = new Map<CharacterId, TradeId>()

  constructor(room: Room<State>, economy: Economy) {
    this.#room = room
    this.#economy = economy
    room.handle('trade.ask', askMessage, (body, message) => this.#ask(body, message.with))
    room.handle('trade.accept', acceptMessage, (body, { from }) => this.#do('trade.accept', body, () => this.#open(body, from)))
    room.handle('trade.offer', offerMessage, (body, { request, ...offer }) =>
      this.#do('trade.offer', body, (character) => {
        const trade = this.#tradeOf(character)
        return economy.offer(keyOf(character, request), character, trade, offer).then(() => trade)
      }),
    )
    room.handle('trade.confirm', confirmMessage, (body, { request, version }) =>
      this.#do('trade.confirm', body, (character) => {
        const trade = this.#tradeOf(character)
        return economy.confirm(keyOf(character, request), character, trade, version).then(() => trade)
      }),
    )
    room.handle('trade.cancel', cancelMessage, (body) => this.gone(body, 'one of you changed their mind'))
  }

  /** Whoever trades is not moved before the deadline (rule M3). */
  busy(body: Body<State>): boolean {
    return this.#trading.has(body.holder.character)
  }

  /** A drop, a move, a leave: everything goes back. */
  gone(body: Body<State>, reason = 'one of you is gone'): void {
    const { character } = body.holder
    const { log } = this.#room.services
    this.#asked.delete(character)
    const trade = this.#trading.get(character)
    if (trade === undefined) return
    const cancel = () => this.#economy.cancelTrade({ actor: 'server', key: `${character} ends ${trade}` }, trade, reason)
    attempt(log, 'cancelling a trade', TRIES, cancel)
      .then(() => this.#show(trade))
      .catch((error: unknown) => log.error({ err: error, trade }, 'a trade stays open until the keeper finds it'))
  }

  #ask(body: Body<State>, entity: EntityId): void {
    const other = this.#near(body, entity)
    if (other === undefined) return this.#refuse(body, 'trade.ask', 'they are not near you')
    this.#asked.set(body.holder.character, other.holder.character)
    this.#room.tell(other, 'trade.asked', { from: body.id, name: body.name })
  }

  async #open(body: Body<State>, from: EntityId): Promise<TradeId> {
    const other = this.#near(body, from)
    const [mine, theirs] = [this.#room.holdOf(body), other === undefined ? undefined : this.#room.holdOf(other)]
    if (mine === undefined || theirs === undefined || this.#asked.get(theirs.character) !== mine.character)
      throw new StrataError('TRADE_UNKNOWN', { trade: 'asked for' })
    this.#asked.delete(theirs.character)
    const key = `${theirs.character} ${theirs.epoch} ${mine.character} ${mine.epoch} ${this.#room.services.clock.now()}`
    const { trade } = await this.#economy.openTrade({ actor: 'server', key }, this.#room.copy, [theirs, mine])
    for (const { character } of [mine, theirs]) this.#trading.set(character, trade)
    // One of them may have gone while it was opened.
    for (const one of [body, other]) if (one !== undefined && this.#room.holdOf(one) === undefined) this.gone(one)
    return trade
  }

  /** Tells both what the trade is now; a trade that is over frees them. */
  async #show(id: TradeId): Promise<void> {
    const trade = await this.#economy.trade(id)
    if (trade === undefined) return
    const sides = new Set(trade.sides.map(({ character }) => character))
    if (trade.state !== 'open') for (const character of sides) if (this.#trading.get(character) === id) this.#trading.delete(character)
    for (const body of this.#room.bodies()) if (sides.has(body.holder.character)) this.#room.tell(body, 'trade', trade)
  }

  #do(type: string, body: Body<State>, work: (character: CharacterId) => Promise<TradeId>): void {
    const run = async (): Promise<void> => this.#show(await work(body.holder.character))
    run().catch((error: unknown) => {
      if (!(error instanceof StrataError)) this.#room.services.log.error({ err: error, type }, 'a trade failed')
      this.#refuse(body, type, error instanceof Error ? error.message : String(error))
    })
  }

  #refuse(body: Body<State>, type: string, reason: string): void {
    this.#room.tell(body, 'refused', { type, reason })
  }

  #tradeOf(character: CharacterId): TradeId {
    const trade = this.#trading.get(character)
    if (trade === undefined) throw new StrataError('TRADE_UNKNOWN', { trade: 'open' })
    return trade
  }

  #near(body: Body<State>, entity: EntityId): Body<State> | undefined {
    for (const other of this.#room.bodies()) if (other.id === entity && other !== body && Math.hypot(other.x - body.x, other.y - body.y) <= REACH) return other
    return undefined
  }
}

function keyOf(character: CharacterId, request: string) {
  return { actor: character, key: `trade ${request}` }
}
