import pg from 'pg'
import type { CharacterId } from '../../model/ids.ts'

/** Makes each of these groups a party, which its first member leads. */
export async function makeParties(databaseUrl: string, groups: readonly (readonly CharacterId[])[]): Promise<void> {
  const members = groups.flatMap((group) => group.map((character) => ({ party: `party of ${group[0]}`, leader: group[0], character })))
  const [parties, leaders, characters] = [members.map(({ party }) => party), members.map(({ leader }) => leader), members.map(({ character }) => character)]
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 30_000, query_timeout: 60_000 })
  await client.connect()
  try {
    await client.query(`INSERT INTO parties (id, leader) SELECT DISTINCT party, leader FROM unnest($1::text[], $2::text[]) v (party, leader)`, [
      parties,
      leaders,
    ])
    await client.query(
      `INSERT INTO party_members (party, character)
       SELECT party, character FROM unnest($1::text[], $2::text[]) WITH ORDINALITY v (party, character, place) ORDER BY place`,
      [parties, characters],
    )
  } finally {
    await client.end()
  }
}

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
