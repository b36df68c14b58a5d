/** Runs the work for one key in sequence, in the order of the calls. Work for different keys runs concurrently. */
export class KeyedMutex<Key> {
  readonly #last = new Map<Key, Promise<unknown>>()

  async run<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const mine = before === undefined ? work() : before.then(work, work)
    this.#last.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key)
    }
  }

  get busy(): boolean {
    return this.#last.size > 0
  }

  /** Resolves when no work is running or queued. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.allSettled(this.#last.values())
  }
}
