import { type RawBuilder, sql } from 'kysely'
import type { CharacterId } from '../../model/ids.ts'

/**
 * The condition that a row of `characters c` is one of these. For a single one in words of its own: a plan that is kept
 * expects ten of a list, finds that dear, and the statement would be planned anew each time.
 */
export function oneOf(characters: readonly CharacterId[]): RawBuilder<boolean> {
  const [first] = characters
  return characters.length === 1 && first !== undefined ? sql`c.id = ${first}` : sql`c.id = ANY(${[...characters]}::text[])`
}
