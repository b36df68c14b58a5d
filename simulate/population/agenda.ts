/** What is due later, soonest first; of two at the same moment, the one that was added first (same seed, same bytes). */
export class Agenda<T> {
  readonly #heap: { at: number; serial: number; what: T }[] = []
  #serial = 0

  get next(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  add(at: number, what: T): void {
    const entry = { at, serial: this.#serial++, what }
    let index = this.#heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >>> 1
      if (!this.#before(index, parent)) break
      this.#swap(index, parent)
      index = parent
    }
  }

  take(): T | undefined {
    const first = this.#heap[0]
    const last = this.#heap.pop()
    if (first === undefined || last === undefined) return undefined
    if (this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink(0)
    }
    return first.what
  }

  #sink(start: number): void {
    let index = start
    for (;;) {
      let smallest = index
      for (const child of [2 * index + 1, 2 * index + 2]) if (child < this.#heap.length && this.#before(child, smallest)) smallest = child
      if (smallest === index) return
      this.#swap(index, smallest)
      index = smallest
    }
  }

  #before(a: number, b: number): boolean {
    const [left, right] = [this.#heap[a], this.#heap[b]]
    if (left === undefined || right === undefined) return false
    return left.at < right.at || (left.at === right.at && left.serial < right.serial)
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#heap[a], this.#heap[b]]
    if (left === undefined || right === undefined) return
    this.#heap[a] = right
    this.#heap[b] = left
  }
}
