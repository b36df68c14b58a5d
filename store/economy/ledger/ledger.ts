import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../../model/clock.ts'
import { type Item, type ItemId, limits, type TransactionId } from '../../../model/economy.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, CopyId, Epoch } from '../../../model/ids.ts'
import { toJsonb } from '../../database/json.ts'
import type { Tables } from '../../tables.ts'
import { type AccountId, ownerOf, split, WORLD } from './accounts.ts'

/** A character as a game server holds it: what it asks for counts only while it still does (rule S2). */
export interface Held {
  character: CharacterId
  epoch: Epoch
  copy?: CopyId
}

interface Move extends Item {
  from: AccountId
  to: AccountId
}

/**
 * One transaction while it is being made. What it moves is collected, checked against locked accounts, and written in the
 * end in one go, so that the log and what it explains are never apart.
 *
 * Nobody deadlocks because everybody locks in the same order: the request's key, the row of the trade, letter or auction
 * (one, or by id), then once all accounts by id. Items and limits are guarded by their account's lock.
 */
export class Ledger {
  readonly db: Kysely<Tables>
  readonly id: TransactionId
  readonly now: Instant
  readonly newId: () => string
  readonly #balances = new Map<AccountId, number>()
  readonly #paid = new Map<AccountId, number>()
  readonly #moves = new Map<ItemId, Move>()
  readonly #held: Held[] = []
  #locked = false
  note: Record<string, unknown> = {}
  compensates: TransactionId | undefined

  constructor(db: Kysely<Tables>, newId: () => string, now: Instant) {
    this.db = db
    this.id = newId()
    this.newId = newId
    this.now = now
  }

  /**
   * Throws EPOCH_STALE unless all of them are live where they are said to be; looked at again right before the commit. No lock
   * on the character: whoever waits for somebody's purse would hold up the saves of a whole room. A claim in the instant of
   * the commit counts as after it, which loses nothing: what a claim hands over holds no money and no items.
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

  /** Locks all accounts that the transaction may touch, in the order of their ids; those that are new are made first. */
  async lock(...accounts: AccountId[]): Promise<void> {
    if (this.#locked) throw new Error('a transaction locks its accounts once: two times are two orders')
    this.#locked = true
    const ids = [...new Set(accounts)].filter((account) => account !== WORLD)
    if (ids.length === 0) return
    const rows = ids.map((id) => ({ id, ...ownerOf(id) }))
    await sql`INSERT INTO accounts (id, character, guild)
      SELECT id, character, guild FROM jsonb_to_recordset(${toJsonb(rows)}::jsonb) AS v (id text, character text, guild text)
      WHERE NOT EXISTS (SELECT FROM accounts a WHERE a.id = v.id COLLATE "C") ORDER BY id COLLATE "C" ON CONFLICT DO NOTHING`.execute(this.db)
    const locked = await this.db.selectFrom('accounts').select(['id', 'balance']).where('id', 'in', ids).orderBy('id').forNoKeyUpdate().execute()
    for (const { id, balance } of locked) this.#balances.set(id, balance)
  }

  /** Throws NOT_ENOUGH_MONEY. The world has as much as it wants. */
  pay(from: AccountId, to: AccountId, amount: number): void {
    if (!Number.isSafeInteger(amount) || amount < 0) throw new Error(`${amount} is no amount of money`)
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

  /** What a locked account has now, this transaction's own payments included. */
  balance(account: AccountId): number {
    if (account === WORLD) return 0
    const balance = this.#balances.get(account)
    if (balance === undefined) throw new Error(`${account} was not locked`)
    return balance
  }

  /** What a locked account holds. */
  async itemsIn(account: AccountId): Promise<Item[]> {
    this.balance(account)
    return this.db.selectFrom('items').select(['id', 'kind']).where('holder', '=', account).orderBy('id').execute()
  }

  /** Throws ITEM_NOT_HELD, and BAG_FULL unless `overfull`: what comes back to somebody is never refused. */
  async give(ids: readonly ItemId[], from: AccountId, to: AccountId, overfull = false): Promise<Item[]> {
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
    if (!overfull) await this.#room(to, items.length)
    for (const item of items) this.#moves.set(item.id, { ...item, from, to })
    return items
  }

  /** New things in the world. */
  async make(kinds: readonly string[], to: AccountId): Promise<Item[]> {
    await this.#room(to, kinds.length)
    const items = kinds.map((kind) => ({ id: this.newId(), kind }))
    for (const item of items) this.#moves.set(item.id, { ...item, from: WORLD, to })
    return items
  }

  /** Brings back what was used up, under its old id. */
  remake(item: Item, to: AccountId): void {
    this.balance(to)
    this.#moves.set(item.id, { ...item, from: WORLD, to })
  }

  async #room(account: AccountId, more: number): Promise<void> {
    this.balance(account)
    const [kind] = split(account)
    const limit = kind === 'character' ? limits.bagItems : kind === 'guild' ? limits.bankItems : undefined
    if (limit === undefined) return
    const { count } = await this.db
      .selectFrom('items')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('holder', '=', account)
      .executeTakeFirstOrThrow()
    const coming = [...this.#moves.values()].reduce((sum, { from, to }) => sum + Number(to === account) - Number(from === account), 0)
    if (count + coming + more > limit) throw new StrataError('BAG_FULL', { limit })
  }

  /**
   * The log, what it explains, and the answer, in one statement: the fewer round trips, the shorter all accounts are locked.
   * Whoever gets nothing back knows nothing, and asks again under the same key.
   */
  async write({ kind, actor, key }: { kind: string; actor: string; key: string }, answer: object): Promise<void> {
    await this.#checkHeld(this.#held)
    const moves = [...this.#moves.values()].map(({ id, kind: what, from, to }) => ({ item: id, kind: what, giver: from, taker: to }))
    const payments = [...this.#paid].filter(([, amount]) => amount !== 0).map(([account, amount]) => ({ account, amount }))
    const { rows } = await sql<{ moved: number }>`
      WITH t AS (
        INSERT INTO transactions (id, kind, actor, at, note, compensates)
        VALUES (${this.id}, ${kind}, ${actor}, ${new Date(this.now)}, ${toJsonb(this.note)}, ${this.compensates ?? null})
      ), p AS (
        INSERT INTO postings (transaction, account, amount)
        SELECT ${this.id}, account, amount FROM jsonb_to_recordset(${toJsonb(payments)}::jsonb) AS v (account text, amount bigint) RETURNING account, amount
      ), a AS (
        UPDATE accounts SET balance = balance + p.amount FROM p WHERE accounts.id = p.account
      ), m AS (
        INSERT INTO item_moves (transaction, item, kind, giver, taker)
        SELECT ${this.id}, item, kind, giver, taker FROM jsonb_to_recordset(${toJsonb(moves)}::jsonb) AS v (item text, kind text, giver text, taker text)
        RETURNING item, kind, giver, taker
      ), made AS (
        INSERT INTO items (id, kind, holder) SELECT item, kind, taker FROM m WHERE giver = ${WORLD} RETURNING id
      ), given AS (
        UPDATE items i SET holder = m.taker FROM m WHERE i.id = m.item AND i.holder = m.giver AND m.taker <> ${WORLD} RETURNING i.id
      ), used AS (
        DELETE FROM items i USING m WHERE i.id = m.item AND i.holder = m.giver AND m.taker = ${WORLD} RETURNING i.id
      ), r AS (
        UPDATE requests SET transaction = ${this.id}, answer = ${toJsonb(answer)} WHERE actor = ${actor} AND key = ${key}
      )
      SELECT (SELECT count(*) FROM made) + (SELECT count(*) FROM given) + (SELECT count(*) FROM used) AS moved`.execute(this.db)
    if (rows[0]?.moved !== moves.length) throw new Error('an item left a locked account')
  }
}
