import { randomUUID } from 'node:crypto'
import pg from 'pg'

/** Creates an empty database on the server of DATABASE_URL. Disposing drops it and closes its remaining connections. */
export async function freshDatabase(): Promise<AsyncDisposable & { url: string }> {
  const url = process.env['DATABASE_URL']
  if (url === undefined) throw new Error('DATABASE_URL is not set: run the test through vitest, whose global set-up (test/services.ts) starts PostgreSQL')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const own = new URL(url)
  own.pathname = `/${name}`
  await execute(url, `CREATE DATABASE ${name}`)
  return { url: own.href, [Symbol.asyncDispose]: () => execute(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 15_000 })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
