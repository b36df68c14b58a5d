import { createHash } from 'node:crypto'

/** Most names. Each connection keeps a plan in memory for each name; the store has some dozens of texts, but texts with lists vary without limit. */
const NAMES_MAX = 200

/**
 * Gives each statement text a name, so that the server parses and plans it once per connection. Parsing and planning is most of the work of a
 * short statement. The same text has the same name in every process.
 */
export class StatementNames {
  readonly #names = new Map<string, string>()

  of(text: string): string | undefined {
    const known = this.#names.get(text)
    if (known !== undefined || this.#names.size >= NAMES_MAX) return known
    const name = createHash('sha256').update(text).digest('base64url')
    this.#names.set(text, name)
    return name
  }
}
