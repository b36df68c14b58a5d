/** Small numbers that stand for names. A number is used again when its name has been forgotten. */
export class Numbers<Name> {
  readonly #numbers = new Map<Name, number>()
  readonly #free: number[] = []
  #next: number

  constructor(first = 0) {
    this.#next = first
  }

  of(name: Name): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const number = this.#free.pop() ?? this.#next++
    this.#numbers.set(name, number)
    return number
  }

  forget(name: Name): void {
    const number = this.#numbers.get(name)
    if (number === undefined) return
    this.#numbers.delete(name)
    this.#free.push(number)
  }
}
