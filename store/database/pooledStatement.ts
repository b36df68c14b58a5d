import pg from 'pg'

/** What a statement sets for itself, by name. Values go as parameters: other sessions of the same role can read the text of a statement. */
export type StatementSettings = Readonly<Record<string, string>>

/** The parts of the driver's connection that are used here. */
interface Wire {
  stream: { cork(): void; uncork(): void }
  parse(statement: { text: string }): void
  bind(portal: { values: string[] }): void
  execute(portal: object): void
}
/** The parts of the driver's query that are changed here. */
interface Sent {
  submit(connection: Wire): unknown
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: Wire): void
}

/**
 * A statement for a pooler in transaction mode, such as PgBouncer: each transaction may run on another connection of the database, and what a session sets would
 * stay for the next client. So the settings are written as the first of two statements that are sent together: up to the one Sync behind them, PostgreSQL runs
 * both in one transaction, and the settings end with it. It takes one round trip, as a statement alone does.
 *
 * The statement has no name: a prepared one would be on one of the pooler's connections only.
 */
export function pooledStatement(text: string, values: readonly unknown[], settings: StatementSettings): pg.Query {
  const query = new pg.Query({ text, values: [...values], queryMode: 'extended' } as pg.QueryConfig)
  const sent = query as unknown as Sent // the driver's types show less than the class has
  const { submit, handleDataRow, handleCommandComplete } = sent
  const names = Object.keys(settings)
  const prefix = `SELECT ${names.map((name, index) => `set_config('${name}', $${index + 1}, true)`).join(', ')}`
  let set = false
  Object.assign(sent, {
    submit(connection: Wire): unknown {
      connection.stream.cork()
      try {
        connection.parse({ text: prefix })
        connection.bind({ values: Object.values(settings) })
        connection.execute({})
        return submit.call(query, connection)
      } finally {
        connection.stream.uncork()
      }
    },
    handleDataRow(message: unknown): void {
      if (set) handleDataRow.call(query, message)
    },
    handleCommandComplete(message: unknown, connection: Wire): void {
      if (set) handleCommandComplete.call(query, message, connection)
      else set = true
    },
  })
  return query
}
