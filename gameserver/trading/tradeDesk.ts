import type { TradeId } from '../../model/economy.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, EntityId } from '../../model/ids.ts'
import type { Economy } from '../../store/economy/economy.ts'
import type { Body } from '../zone/residents/resident.ts'
import { retryWithLog } from '../zone/residents/retryWithLog.ts'
import type { ZoneRoom } from '../zone/zoneRoom.ts'
import { acceptMessage, askMessage, cancelMessage, confirmMessage, offerMessage } from './messages.ts'

/** Largest distance in metres between two characters that trade. */
const REACH_M = 10
/** The refusal of a question for a trade. */
const NOT_NEAR = 'they are not near you'
/** Attempts to cancel a trade before the periodic sweep of open trades has to do it. */
const CANCEL_ATTEMPTS = 4

type Room<State> = Pick<ZoneRoom<State, never>, 'handle' | 'tell' | 'holdOf' | 'bodies' | 'saveSoon' | 'copy' | 'services'>

/**
 * Direct trade between two players in one room. One player sends `trade.ask`, the other receives `trade.asked` and sends `trade.accept`. Both then
 * send `trade.offer` and `trade.confirm` until the trade is done, and both receive the whole trade as `trade` after each change. The store owns the
 * trade. This class passes messages, and cancels a trade at once when a player leaves instead of waiting for the store's own timeout.
 */
export class TradeDesk<State> {
  readonly #room: Room<State>
  readonly #economy: Economy
  /** The last character that each character has asked to trade. */
  readonly #asked = new Map<CharacterId, CharacterId>()
  readonly #trading = new Map<CharacterId, TradeId>()

  constructor(room: Room<State>, economy: Economy) {
    this.#room = room
    this.#economy = economy
    room.handle('trade.ask', askMessage, (body, message) => {
      this.#ask(body, message.with).catch((error: unknown) => {
        room.services.log.error({ err: error }, 'could not ask for a trade')
        this.#refuse(body, 'trade.ask', NOT_NEAR)
      })
    })
    room.handle('trade.accept', acceptMessage, (body, { from }) => this.#run('trade.accept', body, () => this.#open(body, from)))
    room.handle('trade.offer', offerMessage, (body, { request, ...offer }) =>
      this.#run('trade.offer', body, (character) => {
        const trade = this.#tradeOf(character)
        return economy.offer(keyOf(character, request), character, trade, offer).then(() => trade)
      }),
    )
    room.handle('trade.confirm', confirmMessage, (body, { request, version }) =>
      this.#run('trade.confirm', body, (character) => {
        const trade = this.#tradeOf(character)
        return economy.confirm(keyOf(character, request), character, trade, version).then(() => trade)
      }),
    )
    room.handle('trade.cancel', cancelMessage, (body) => this.cancel(body, 'one of you changed their mind'))
  }

  /** Whether the character trades now; a move waits until the trade is over (rule M3). */
  isTrading(body: Body<State>): boolean {
    return this.#trading.has(body.holder.character)
  }

  /** Cancels the character's trade, for example when it disconnects, is moved or leaves. Both players get their items and money back. */
  cancel(body: Body<State>, reason = 'one of you is gone'): void {
    const { character } = body.holder
    const { log } = this.#room.services
    this.#asked.delete(character)
    const trade = this.#trading.get(character)
    if (trade === undefined) return
    const cancel = () => this.#economy.cancelTrade({ actor: 'server', key: `${character} ends ${trade}` }, trade, reason)
    retryWithLog(cancel, { log, what: 'cancelling a trade', attempts: CANCEL_ATTEMPTS })
      .then(() => this.#send(trade))
      .catch((error: unknown) => log.error({ err: error, trade }, 'could not cancel a trade; it stays open until the store cancels it'))
  }

  async #ask(body: Body<State>, entity: EntityId): Promise<void> {
    const asked = this.#near(body, entity)
    const profile = asked === undefined ? undefined : await this.#room.services.store.profile(body.holder.character)
    // A question to a blocked character stays without an answer, like one that the other player ignores: both see that they stand beside each other.
    if (asked !== undefined && profile?.blocked?.includes(asked.holder.character) === true) return
    // Either may have gone while the store answered.
    const other = this.#near(body, entity)
    if (other === undefined) return this.#refuse(body, 'trade.ask', NOT_NEAR)
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
    // A player may have left while the database opened the trade.
    for (const one of [body, other]) if (one !== undefined && this.#room.holdOf(one) === undefined) this.cancel(one)
    return trade
  }

  /** Sends both players the current state of the trade. When it is over, both may trade again. */
  async #send(id: TradeId): Promise<void> {
    const trade = await this.#economy.trade(id)
    if (trade === undefined) return
    const sides = new Set(trade.sides.map(({ character }) => character))
    if (trade.state !== 'open') for (const character of sides) if (this.#trading.get(character) === id) this.#trading.delete(character)
    for (const body of this.#room.bodies()) {
      if (!sides.has(body.holder.character)) continue
      this.#room.tell(body, 'trade', trade)
      // The items are in the ledger. What the game keeps of them in the state, such as what is worn, must not be older than the ledger after a crash.
      if (trade.state === 'done') this.#room.saveSoon(body)
    }
  }

  #run(type: string, body: Body<State>, work: (character: CharacterId) => Promise<TradeId>): void {
    const run = async (): Promise<void> => this.#send(await work(body.holder.character))
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
    for (const other of this.#room.bodies())
      if (other.id === entity && other !== body && Math.hypot(other.x - body.x, other.y - body.y) <= REACH_M) return other
    return undefined
  }
}

function keyOf(character: CharacterId, request: string) {
  return { actor: character, key: `trade ${request}` }
}
