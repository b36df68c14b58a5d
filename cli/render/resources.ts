import { stringify } from 'yaml'
import type { Resource, ResourceColumn } from '../resources/resource.ts'
import { table } from './table.ts'

export const outputs = ['wide', 'json', 'yaml', 'name'] as const
export type Output = (typeof outputs)[number]

/** The rows of a list, with a head row. */
export function resourceTable<T>({ columns }: Resource<T>, items: readonly T[], wide: boolean): string[] {
  const shown = shownColumns(columns, wide)
  return table(
    shown.map(({ head, align = 'left' }) => ({ head, align })),
    items.map((item) => shown.map(({ of }) => of(item))),
  )
}

/** A list as JSON or YAML: `{ kind, items }`, or the item itself when one was named. */
export function resourceDocument<T>(resource: Resource<T>, items: readonly T[], output: 'json' | 'yaml', single: boolean): string {
  const value = single && items.length === 1 ? items[0] : { kind: resource.names[0], items }
  return output === 'json' ? `${JSON.stringify(value, undefined, 2)}\n` : stringify(value, { lineWidth: 0 })
}

function shownColumns<T>(columns: readonly ResourceColumn<T>[], wide: boolean): readonly ResourceColumn<T>[] {
  return wide ? columns : columns.filter((column) => column.wide !== true)
}

/** Prints each change of a list as one row. Columns keep the width of the widest cell so far, so that rows stay aligned. */
export class WatchedRows<T> {
  readonly #resource: Resource<T>
  readonly #columns: readonly ResourceColumn<T>[]
  readonly #known = new Map<string, { fingerprint: string; item: T }>()
  #widths: number[]
  #first = true

  constructor(resource: Resource<T>, wide: boolean) {
    this.#resource = resource
    this.#columns = shownColumns(resource.columns, wide)
    this.#widths = this.#columns.map(({ head }) => head.length)
  }

  /** The items that are new, changed or gone since the last call. `gone` items are as they were last. */
  changes(items: readonly T[]): { item: T; gone: boolean }[] {
    const changed: { item: T; gone: boolean }[] = []
    const present = new Set<string>()
    for (const item of items) {
      const key = this.#resource.key(item)
      present.add(key)
      const fingerprint = JSON.stringify(this.#columns.map((column) => (column.volatile === true ? '' : column.of(item))))
      if (this.#known.get(key)?.fingerprint !== fingerprint) changed.push({ item, gone: false })
      this.#known.set(key, { fingerprint, item })
    }
    for (const [key, { item }] of this.#known) {
      if (present.has(key)) continue
      this.#known.delete(key)
      changed.push({ item, gone: true })
    }
    return changed
  }

  /** The rows of changes. Before the first row stands the head. The state of an item that is gone is `removed`. */
  rows(changes: readonly { item: T; gone: boolean }[]): string[] {
    const cells = changes.map(({ item, gone }) => this.#columns.map((column) => (gone && column.head === 'STATE' ? 'removed' : column.of(item))))
    const all = this.#first && cells.length > 0 ? [this.#columns.map(({ head }) => head), ...cells] : cells
    if (cells.length > 0) this.#first = false
    this.#widths = this.#widths.map((width, index) => Math.max(width, ...cells.map((row) => (row[index] ?? '').length)))
    return all.map((row) =>
      row
        .map((cell, index) => (this.#columns[index]?.align === 'right' ? cell.padStart(this.#widths[index] ?? 0) : cell.padEnd(this.#widths[index] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
  }
}
