import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { type ProcessKind, roles } from '../model/access/process.ts'

/** A new login with the rights of one process on the database of `url`, which must be migrated. Disposing drops it. */
export async function roleLogin(url: string, role: ProcessKind): Promise<AsyncDisposable & { url: string }> {
  const [username, password] = [`test_${randomUUID().replaceAll('-', '')}`, 'of-a-test']
  await execute(url, `CREATE ROLE ${username} LOGIN PASSWORD '${password}' IN ROLE ${roles[role]}`)
  return {
    url: Object.assign(new URL(url), { username, password }).href,
    [Symbol.asyncDispose]: async () => void (await execute(url, `DROP ROLE ${username}`)),
  }
}

/** Runs one statement on a new connection, with these settings of the session. */
export async function execute(
  url: string,
  statement: string,
  values: readonly unknown[] = [],
  settings: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 15_000 })
  await client.connect()
  try {
    for (const setting of Object.entries(settings)) await client.query('SELECT set_config($1, $2, false)', setting)
    return (await client.query(statement, [...values])).rows
  } finally {
    await client.end()
  }
}
