/** A value that parts of the page watch. It is replaced, never changed in place. */
export class Store<T extends object> {
  #value: T
  readonly #watchers = new Set<() => void>()

  constructor(value: T) {
    this.#value = value
  }

  readonly get = (): T => this.#value

  /** Replaces some members. */
  set(change: Partial<T>): void {
    this.#value = { ...this.#value, ...change }
    for (const watcher of this.#watchers) watcher()
  }

  /** Returns a function that ends the subscription. */
  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}
