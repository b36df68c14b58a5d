import type { CopyId, MapName } from '../../model/ids.ts'

/** The map of a copy: the id of a copy begins with it. The longest name wins, because `forest` and `forest-deep` may both exist. */
export function mapOfCopy(copy: CopyId, maps: readonly MapName[]): MapName | undefined {
  return maps.filter((map) => copy.startsWith(`${map}-`)).sort((a, b) => b.length - a.length)[0]
}
