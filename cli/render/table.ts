import { stripVTControlCharacters } from 'node:util'

export interface Column {
  /** Column title. Without any title the table has no head row. */
  head?: string
  align?: 'left' | 'right'
}

/** Formats rows as lines. Each column is as wide as its widest cell; cells may be coloured. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], head: (text: string) => string = (text) => text): string[] {
  const heads = columns.map(({ head = '' }) => head)
  const all = heads.some((text) => text !== '') ? [heads.map((text) => (text === '' ? '' : head(text))), ...rows] : rows
  const widths = columns.map((_, index) => Math.max(0, ...all.map((row) => width(row[index] ?? ''))))
  return all.map((row) =>
    columns
      .map(({ align = 'left' }, index) => {
        const cell = row[index] ?? ''
        const space = ' '.repeat((widths[index] ?? 0) - width(cell))
        return align === 'left' ? cell + space : space + cell
      })
      .join('  ')
      .trimEnd(),
  )
}

function width(text: string): number {
  return [...stripVTControlCharacters(text)].length
}
