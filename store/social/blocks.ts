import { type Kysely, type RawBuilder, sql } from 'kysely'
import { StrataError } from '../../model/errors.ts'
import type { AccountId, CharacterId } from '../../model/ids.ts'
import { noRelations, type Relations, type SocialSource } from '../source/socialSource.ts'
import type { Tables } from '../tables.ts'

/** What the studio's social graph says of one character: blocks in either direction. */
type BlocksElsewhere = Pick<Relations, 'blocked' | 'blockedAccounts'>

/** Who has a block with a character, by the table `blocks` and, where a source is set, also by the studio's social graph. */
export interface Blocks {
  /**
   * Asks the source; without one it asks nobody. Call it before a transaction begins: the source may need some hundred ms, and a transaction would keep its
   * locks and its connection for that time. When the source is slow or down, its last known answer counts. Throws DEPENDENCY_DOWN.
   */
  of(character: CharacterId): Promise<BlocksOf>
  /** For each pair, whether the source says that there is a block between the two. Call it before a transaction begins, as `of`. Throws DEPENDENCY_DOWN. */
  elsewhere(pairs: readonly (readonly [CharacterId, CharacterId])[]): Promise<boolean[]>
}

export function createBlocks(db: Kysely<Tables>, source?: SocialSource): Blocks {
  return {
    of: async (character) => new BlocksOf(character, source === undefined ? noRelations : await askFor(db, source, character)),
    elsewhere: async (pairs) => (source === undefined ? pairs.map(() => false) : askForPairs(db, source, pairs)),
  }
}

/** The blocks of one character. The table is read by each call, so that a call inside a transaction sees what its locks protect. */
export class BlocksOf {
  readonly #character: CharacterId
  readonly #elsewhere: BlocksElsewhere

  constructor(character: CharacterId, elsewhere: BlocksElsewhere) {
    this.#character = character
    this.#elsewhere = elsewhere
  }

  /** Of `others`, those between whose account and this character's there is a block, in either direction. */
  async among(db: Kysely<Tables>, others: readonly CharacterId[]): Promise<Set<CharacterId>> {
    if (others.length === 0) return new Set()
    const { blocked, blockedAccounts } = this.#elsewhere
    const { rows } = await sql<{ id: CharacterId }>`
      WITH me AS (SELECT account FROM characters WHERE id = ${this.#character})
      SELECT c.id FROM characters c, me WHERE c.id = ANY(${[...others]}::text[]) AND (
        EXISTS (SELECT FROM blocks b WHERE b.account = me.account AND b.blocked = c.account)
        OR EXISTS (SELECT FROM blocks b WHERE b.account = c.account AND b.blocked = me.account)
        OR c.id = ANY(${[...blocked]}::text[]) OR c.account = ANY(${[...blockedAccounts]}::text[]))`.execute(db)
    return new Set(rows.map(({ id }) => id))
  }

  /** Throws CHARACTER_UNKNOWN when there is a block, so that a block looks like a character that does not exist. */
  async refuse(db: Kysely<Tables>, other: CharacterId): Promise<void> {
    if ((await this.among(db, [other])).size > 0) throw new StrataError('CHARACTER_UNKNOWN', { character: other })
  }

  /** SQL: whether there is a block with the character in the column `other`. */
  between(other: RawBuilder<unknown>): RawBuilder<boolean> {
    const { blocked, blockedAccounts } = this.#elsewhere
    const inTable = sql<boolean>`EXISTS (
      SELECT FROM characters v, characters s, blocks k WHERE v.id = ${this.#character} AND s.id = ${other}
        AND ((k.account = v.account AND k.blocked = s.account) OR (k.account = s.account AND k.blocked = v.account)))`
    if (blocked.length + blockedAccounts.length === 0) return inTable
    return sql<boolean>`(${other} = ANY(${[...blocked]}::text[]) OR ${inTable}
      OR EXISTS (SELECT FROM characters s WHERE s.id = ${other} AND s.account = ANY(${[...blockedAccounts]}::text[])))`
  }
}

async function askFor(db: Kysely<Tables>, source: SocialSource, character: CharacterId): Promise<BlocksElsewhere> {
  const { rows } = await sql<{ account: AccountId }>`SELECT coalesce(account, id) AS account FROM characters WHERE id = ${character}`.execute(db)
  const [row] = rows
  // A character that does not exist has no blocks; the caller's own look-up refuses it.
  if (row === undefined) return noRelations
  return (await source.relationsOf([{ character, account: row.account }])).get(character) ?? noRelations
}

async function askForPairs(db: Kysely<Tables>, source: SocialSource, pairs: readonly (readonly [CharacterId, CharacterId])[]): Promise<boolean[]> {
  const { rows } = await sql<{ id: CharacterId; account: AccountId }>`
    SELECT id, coalesce(account, id) AS account FROM characters WHERE id = ANY(${[...new Set(pairs.flat())]}::text[])`.execute(db)
  const accounts = new Map(rows.map(({ id, account }) => [id, account]))
  // The source says a block to both sides, so one is asked.
  const askers = [...new Set(pairs.map(([character]) => character))]
  const relations = await source.relationsOf(
    askers.flatMap((character) => {
      const account = accounts.get(character)
      return account === undefined ? [] : [{ character, account }]
    }),
  )
  return pairs.map(([character, other]) => {
    const { blocked, blockedAccounts } = relations.get(character) ?? noRelations
    return blocked.includes(other) || blockedAccounts.includes(accounts.get(other) ?? '')
  })
}
