import { type Kysely, sql } from 'kysely'

/** The fixed search path keeps a caller from putting tables of its own in the place of these. Nobody may bind a trigger function to a table of its own. */
export async function runAsOwner(db: Kysely<unknown>, functions: readonly string[]): Promise<void> {
  const { rows } = await sql<{ schema: string }>`SELECT quote_ident(current_schema()) AS schema`.execute(db)
  const path = sql.raw(`${rows[0]?.schema ?? 'public'}, pg_temp`)
  for (const one of functions) {
    await sql`ALTER FUNCTION ${sql.raw(one)} SECURITY DEFINER SET search_path = ${path}`.execute(db)
    await sql`REVOKE EXECUTE ON FUNCTION ${sql.raw(one)} FROM PUBLIC`.execute(db)
  }
}
