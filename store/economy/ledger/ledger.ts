import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../../model/clock.ts'
import { type Item, type ItemId, limits, type TransactionId } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, CopyId, Epoch } from '../../../model/ids.ts'
import { toJsonb } from '../../database/json.ts'
import type { Tables } from '../../tables.ts'
import { type LedgerAccount, split, WORLD } from './accounts.ts'

/** The claim of a game server on a character. A request with it is refused when the claim is no longer current (rule S2). */
export interface Held {
  character: CharacterId
  epoch: Epoch
  copy?: CopyId
}

interface Move extends Item {
  from: LedgerAccount
  to: LedgerAccount
}

/**
 * One transaction in progress. It collects all moves, checks them against locked accounts, and writes the log and the resulting state in one statement,
 * so that the two cannot differ.
 *
 * All transactions lock in the same order, so that they cannot deadlock: the request key, the row of the trade, mail or auction (several in the order of
 * their ids), then all accounts at once in the order of their ids. The lock of an account also protects its items and limits.
 */
export class Ledger {
  readonly db: Kysely<Tables>
  readonly id: TransactionId
  readonly now: Instant
  readonly newId: () => string
  readonly #balances = new Map<LedgerAccount, number>()
  readonly #paid = new Map<LedgerAccount, number>()
  readonly #moves = new Map<ItemId, Move>()
  readonly #held: Held[] = []
  #hasLocked = false
  note: Record<string, unknown> = {}
  compensates: TransactionId | undefined

  constructor(db: Kysely<Tables>, newId: () => string, now: Instant) {
    this.db = db
    this.id = newId()
    this.newId = newId
    this.now = now
  }

  /**
   * Throws EPOCH_STALE unless all characters are live with the given epoch and copy. `write` checks again right before the commit. It does not lock the
   * characters, because a transaction that waits for an account would then block the saves of a whole copy. A claim during the commit counts as
   * later than it, which loses nothing: the state that a claim returns contains no money and no items.
   */
  async fence(held: readonly Held[]): Promise<void> {
    this.#held.push(...held)
    await this.#checkHeld(held)
  }

  async #checkHeld(held: readonly Held[]): Promise<void> {
    if (held.length === 0) return
    const ids = held.map(({ character }) => character)
    const rows = await this.db.selectFrom('characters').select(['id', 'epoch', 'live_copy']).where('id', 'in', ids).where('live_copy', 'is not', null).execute()
    const live = new Map(rows.map((row) => [row.id, row]))
    for (const { character, epoch, copy } of held) {
      const row = live.get(character)
      if (row?.epoch !== epoch || (copy !== undefined && row.live_copy !== copy)) throw new StrataError('EPOCH_STALE', { character })
    }
  }

  /** Locks all accounts that the transaction may change, in the order of their ids. Creates new accounts first. May be called once. */
  async lock(...accounts: LedgerAccount[]): Promise<void> {
    if (this.#hasLocked) throw new Error('A transaction must lock all its accounts in one call, so that the order of locks is fixed.')
    this.#hasLocked = true
    const ids = [...new Set(accounts)].filter((account) => account !== WORLD)
    if (ids.length === 0) return
    const { rows: locked } = await sql<{ id: LedgerAccount; balance: number }>`SELECT id, balance FROM lock_accounts(${ids}::text[])`.execute(this.db)
    for (const { id, balance } of locked) this.#balances.set(id, balance)
  }

  /** Throws NOT_ENOUGH_MONEY. The world account has no limit. */
  pay(from: LedgerAccount, to: LedgerAccount, amount: number): void {
    if (!Number.isSafeInteger(amount) || amount < 0) throw new Error(`${amount} is not an amount of money: it must be an integer from 0 on.`)
    if (amount === 0 || from === to) return
    const have = this.balance(from)
    if (from !== WORLD && have < amount) throw new StrataError('NOT_ENOUGH_MONEY', { have, needed: amount })
    for (const [account, change] of [
      [from, -amount],
      [to, amount],
    ] as const) {
      if (account !== WORLD) this.#balances.set(account, this.balance(account) + change)
      this.#paid.set(account, (this.#paid.get(account) ?? 0) + change)
    }
  }

  /** Money in a locked account, including the payments of this transaction. */
  balance(account: LedgerAccount): number {
    if (account === WORLD) return 0
    const balance = this.#balances.get(account)
    if (balance === undefined) throw new Error(`The account ${account} is not locked.`)
    return balance
  }

  /** Items in a locked account, without the moves of this transaction. */
  async itemsIn(account: LedgerAccount): Promise<Item[]> {
    this.balance(account)
    return this.db.selectFrom('items').select(['id', 'kind']).where('holder', '=', account).orderBy('id').execute()
  }

  /** Moves items. Throws ITEM_NOT_HELD, and BAG_FULL unless `ignoreLimit`, for items that go back to their owner. */
  async give(ids: readonly ItemId[], from: LedgerAccount, to: LedgerAccount, ignoreLimit = false): Promise<Item[]> {
    if (ids.length === 0) return []
    this.balance(from)
    const held = await this.db
      .selectFrom('items')
      .select(['id', 'kind'])
      .where('id', 'in', [...ids])
      .where('holder', '=', from)
      .execute()
    const known = new Map(held.map((item) => [item.id, item]))
    const items = [...new Set(ids)].map((id) => {
      const item = known.get(id)
      if (item === undefined || this.#moves.has(id)) throw new StrataError('ITEM_NOT_HELD', { item: id })
      return item
    })
    if (!ignoreLimit) await this.#requireSpace(to, items.length)
    for (const item of items) this.#moves.set(item.id, { ...item, from, to })
    return items
  }

  /** Creates new items. Throws BAG_FULL. */
  async create(kinds: readonly string[], to: LedgerAccount): Promise<Item[]> {
    await this.#requireSpace(to, kinds.length)
    const items = kinds.map((kind) => ({ id: this.newId(), kind }))
    for (const item of items) this.#moves.set(item.id, { ...item, from: WORLD, to })
    return items
  }

  /** Creates a used item again, with its old id. */
  recreate(item: Item, to: LedgerAccount): void {
    this.balance(to)
    this.#moves.set(item.id, { ...item, from: WORLD, to })
  }

  async #requireSpace(account: LedgerAccount, more: number): Promise<void> {
    this.balance(account)
    const [kind] = split(account)
    const limit = kind === 'character' ? limits.bagItems : kind === 'guild' ? limits.bankItems : undefined
    if (limit === undefined) return
    const { count } = await this.db
      .selectFrom('items')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('holder', '=', account)
      .executeTakeFirstOrThrow()
    const change = [...this.#moves.values()].reduce((sum, { from, to }) => sum + Number(to === account) - Number(from === account), 0)
    if (count + change + more > limit) throw new StrataError('BAG_FULL', { limit })
  }

  /**
   * Writes the log, the new state and the answer in one statement: fewer round trips lock the accounts for a shorter time. A caller without an answer
   * repeats the request with the same key. The function of the database is in `store/migrations/0051_process_rights.ts`. Throws EPOCH_STALE.
   */
  async write({ kind, actor, key }: { kind: string; actor: string; key: string }, answer: object): Promise<void> {
    const moves = [...this.#moves.values()].map(({ id, kind: what, from, to }) => ({ item: id, kind: what, giver: from, taker: to }))
    const payments = [...this.#paid].filter(([, amount]) => amount !== 0).map(([account, amount]) => ({ account, amount }))
    const log = sql`${this.id}, ${kind}, ${actor}, ${key}, ${new Date(this.now)}, ${toJsonb(this.note)}, ${this.compensates ?? null}`
    const { rows } = await sql<{ stale: CharacterId | null }>`
      SELECT post_transaction(${log}, ${toJsonb(payments)}, ${toJsonb(moves)}, ${toJsonb(answer)}, ${toJsonb(this.#held)}) AS stale`.execute(this.db)
    const stale = rows[0]?.stale ?? undefined
    if (stale !== undefined) throw new StrataError('EPOCH_STALE', { character: stale })
  }
}
