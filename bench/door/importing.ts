import type { PostgresStore } from '../../store/postgresStore.ts'
import type { StudioLine } from '../../store/studio/studio.ts'

/** Lines per call, as the import over HTTP sends them. */
const BATCH = 1_000

export interface Imported {
  characters: string[]
  seconds: number
  refused: number
}

/** Imports characters with their accounts, languages and attributes, as a studio that moves in does. */
export async function importCharacters(store: PostgresStore, count: number): Promise<Imported> {
  const lines = Array.from({ length: count }, (_, n): StudioLine => {
    const languages = [['de', 'en', 'fr'][n % 3] ?? 'en']
    return { kind: 'character', character: `imported-${n}`, account: `account-${n}`, name: `Imported ${n}`, languages, attributes: { level: 0 } }
  })
  let refused = 0
  const began = performance.now()
  for (let from = 0; from < lines.length; from += BATCH) {
    for (const result of await store.studio.apply(lines.slice(from, from + BATCH))) if (!result.ok) refused++
  }
  return { characters: lines.map((_, n) => `imported-${n}`), seconds: (performance.now() - began) / 1000, refused }
}
