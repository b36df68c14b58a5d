/** Smallest block, in numbers. */
const LEAST = 32
const FIRST_CAPACITY = 16 * 1024

/** A part of the pool. `size` is a power of two. */
export interface Block {
  start: number
  size: number
}

/**
 * Many short lists of whole numbers of 32 bits in one array. A typed array of its own for each list costs three reads from memory that is not in the cache before the first
 * number: the array, its buffer, and the numbers. A step reads the lists of all clients, which together do not fit into the cache.
 */
export class NumberPool {
  /** Replaced by `take` when it is full. */
  numbers = new Int32Array(FIRST_CAPACITY)
  #end = 0
  /** By size: the first numbers of the blocks that are free. */
  readonly #free = new Map<number, number[]>()
  readonly #lists = new FinalizationRegistry<Block>((block) => this.#release(block))

  /** A block of at least `count` numbers with any values. It is free again when `owner` is garbage, or after `exchange`. */
  take(owner: object, count: number): Block {
    const size = Math.max(LEAST, 2 ** Math.ceil(Math.log2(count)))
    const start = this.#free.get(size)?.pop() ?? this.#append(size)
    const block = { start, size }
    this.#lists.register(owner, block, owner)
    return block
  }

  /** Frees the block of this owner, and takes another one. The numbers of the old one are still in place until the next call of `take`. */
  exchange(owner: object, { start, size }: Block, count: number): Block {
    this.#lists.unregister(owner)
    const block = this.take(owner, count)
    this.#release({ start, size })
    return block
  }

  #append(size: number): number {
    const start = this.#end
    this.#end += size
    if (this.#end > this.numbers.length) {
      const larger = new Int32Array(2 * this.#end)
      larger.set(this.numbers)
      this.numbers = larger
    }
    return start
  }

  #release({ start, size }: Block): void {
    const free = this.#free.get(size)
    if (free === undefined) this.#free.set(size, [start])
    else free.push(start)
  }
}

/** The lists of all rooms of the process. */
export const pool = new NumberPool()
