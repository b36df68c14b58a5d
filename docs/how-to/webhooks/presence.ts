/** Where each character is, from webhooks. A message with an older epoch than the last one came late. */
export class PresenceTable {
  readonly copies = new Map<string, string>()
  readonly #epochs = new Map<string, number>()

  apply({ type, data: { character, copy, epoch = 0 } }: { type: string; data: { character?: string; copy: string; epoch?: number } }): void {
    if (character === undefined || epoch < (this.#epochs.get(character) ?? 0)) return
    this.#epochs.set(character, epoch)
    if (type === 'character.left') this.copies.delete(character)
    else this.copies.set(character, copy)
  }
}
