import type { Instant } from '../../model/clock.ts'
import { type LineEntry, lineOrder } from '../../model/line.ts'

/** The line of one map, sorted by `lineOrder`, then id (rule Q1). */
export class LineLedger {
  readonly #entries = new Map<string, LineEntry>()
  #order: LineEntry[] = []
  #earliestLapse = Number.POSITIVE_INFINITY

  get length(): number {
    return this.#order.length
  }

  get(id: string): LineEntry | undefined {
    return this.#entries.get(id)
  }

  add(entry: LineEntry): void {
    this.#entries.set(entry.id, entry)
    this.#order.splice(this.#lowerBound(entry), 0, entry)
    this.#earliestLapse = Math.min(this.#earliestLapse, entry.keepUntil)
  }

  renew(id: string, keepUntil: Instant): boolean {
    const entry = this.#entries.get(id)
    if (entry === undefined) return false
    entry.keepUntil = keepUntil
    return true
  }

  remove(id: string): boolean {
    const entry = this.#entries.get(id)
    if (entry === undefined) return false
    this.#order.splice(this.#lowerBound(entry), 1)
    return this.#entries.delete(id)
  }

  /** Removes the places that were not renewed in time (rule Q2); returns how many. */
  sweep(now: Instant): number {
    if (now < this.#earliestLapse) return 0
    const before = this.#order.length
    this.#order = this.#order.filter((entry) => entry.keepUntil > now || !this.#entries.delete(entry.id))
    this.#earliestLapse = this.#order.reduce((earliest, entry) => Math.min(earliest, entry.keepUntil), Number.POSITIVE_INFINITY)
    return before - this.#order.length
  }

  position(id: string): number | undefined {
    const entry = this.#entries.get(id)
    return entry === undefined ? undefined : this.#lowerBound(entry)
  }

  head(count: number): LineEntry[] {
    return this.#order.slice(0, count)
  }

  #lowerBound(entry: LineEntry): number {
    let [low, high] = [0, this.#order.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#order[middle]
      if (other !== undefined && compare(other, entry) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function compare(a: LineEntry, b: LineEntry): number {
  return lineOrder(a) - lineOrder(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}
