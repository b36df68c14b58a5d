/** A priority queue of events by time. Events at the same time keep the order in which they were added, so that a seed always gives the same run. */
export class EventQueue<T> {
  readonly #heap: { at: number; serial: number; event: T }[] = []
  #serial = 0

  /** Time of the first event; infinite when the queue is empty. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  add(at: number, event: T): void {
    const entry = { at, serial: this.#serial++, event }
    let index = this.#heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >>> 1
      if (!this.#before(index, parent)) break
      this.#swap(index, parent)
      index = parent
    }
  }

  /** Removes and returns the first event. */
  take(): T | undefined {
    const first = this.#heap[0]
    const last = this.#heap.pop()
    if (first === undefined || last === undefined) return undefined
    if (this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink(0)
    }
    return first.event
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
