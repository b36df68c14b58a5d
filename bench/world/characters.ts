import pg from 'pg'
import type { CharacterId } from '../../model/ids.ts'

/** Inserts characters named `PREFIX 1`, `PREFIX 2`, … in one statement: 50,000 calls of the development login would take longer than the bench. */
export async function makeCharacters(databaseUrl: string, prefix: string, count: number): Promise<CharacterId[]> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 30_000, query_timeout: 60_000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ id: CharacterId }>(
      `INSERT INTO characters (name, name_key, language)
       SELECT $1 || ' ' || n, lower($1 || ' ' || n), (ARRAY['en', 'de', 'fr', 'es', 'pl'])[1 + n % 5] FROM generate_series(1, $2::int) AS n RETURNING id`,
      [prefix, count],
    )
    return rows.map(({ id }) => id)
  } finally {
    await client.end()
  }
}
