import { type RawBuilder, sql } from 'kysely'
import type { CharacterId } from '../../model/ids.ts'

/**
 * SQL condition: the row of `characters c` is one of these. A single character gets an equality: the generic plan of `ANY` assumes ten
 * elements and looks expensive, so PostgreSQL would plan the statement again at each execution.
 */
export function oneOf(characters: readonly CharacterId[]): RawBuilder<boolean> {
  const [first] = characters
  return characters.length === 1 && first !== undefined ? sql`c.id = ${first}` : sql`c.id = ANY(${[...characters]}::text[])`
}
