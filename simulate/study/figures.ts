import type { Score } from '../../score/day/daySums.ts'

/** The figures that studies compare, with a short name and digits. */
export const figures = [
  { field: 'guildPairCohesion', name: 'guild', digits: 4 },
  { field: 'friendPairCohesion', name: 'friends', digits: 4 },
  { field: 'languageShare', name: 'language', digits: 4 },
  { field: 'forcedMovesPerPlayerHour', name: 'moves', digits: 5 },
  { field: 'copiesOverNeed', name: 'copies', digits: 4 },
] as const satisfies { field: keyof Score; name: string; digits: number }[]

export type FigureName = (typeof figures)[number]['name']

export function figuresOf(score: Score): Record<FigureName, number> {
  return Object.fromEntries(figures.map(({ field, name }) => [name, score[field]])) as Record<FigureName, number> // one entry per name
}

/** Lines of cells, each column as wide as its longest cell; the first column to the left, the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((known, row) => row.map((cell, column) => Math.max(known[column] ?? 0, cell.length)), [])
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart((widths[column] ?? 0) + 2)))
        .join('')
        .trimEnd(),
    )
    .join('\n')
}
