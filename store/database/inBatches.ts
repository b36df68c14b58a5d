import { type Kysely, type RawBuilder, sql } from 'kysely'

/** Rows deleted per statement. Small enough that each statement stays far below its deadline on a busy disk. */
const DELETE_BATCH_SIZE = 2_000

/**
 * Deletes all rows of `table` that fit the condition, batch by batch, in the order of `by`: what piled up in weeks never needs a statement that runs into
 * its deadline. `by` is the column of the index that finds the rows. Rows are named by their place in the table: a join would read all of it for each batch.
 */
export async function deleteInBatches<Tables>(
  db: Kysely<Tables>,
  { table, where, by, mostRows }: { table: keyof Tables & string; where: RawBuilder<unknown>; by: string; mostRows?: number },
): Promise<number> {
  const batch = async (size: number): Promise<number> => {
    const { numAffectedRows = 0n } = await sql`DELETE FROM ${sql.table(table)} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${sql.table(table)} WHERE ${where} ORDER BY ${sql.ref(by)} LIMIT ${size} FOR UPDATE SKIP LOCKED))`.execute(db)
    return Number(numAffectedRows)
  }
  return inBatches(DELETE_BATCH_SIZE, batch, mostRows)
}

/** Repeats a statement until it finds less than `size`, or has done `mostRows`. Returns how many it found in all. */
export async function inBatches(size: number, batch: (size: number) => Promise<number>, mostRows = Number.POSITIVE_INFINITY): Promise<number> {
  let all = 0
  while (all < mostRows) {
    const found = await batch(size)
    all += found
    if (found < size) break
  }
  return all
}
