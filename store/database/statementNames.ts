import { createHash } from 'node:crypto'

/** A connection keeps a plan for each name in memory; texts of our own are some dozens, and those with lists of all lengths in them have no end. */
const NAMES_MAX = 200

/**
 * A name for each text of a statement that comes again: the server then parses and plans it once for each connection, which is
 * most of the work of a short one. The same text has the same name in each process.
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
