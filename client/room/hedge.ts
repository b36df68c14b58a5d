interface HedgeOptions<T> {
  /** When the second attempt starts, in ms after the first. */
  againMs: number
  /** When the call rejects with `tooLate`, in ms after the first attempt. */
  giveUpMs: number
  tooLate(): Error
  /** Gets each answer that arrives after the result is settled. */
  surplus(answer: T): void
}

/** Hedged request: asks a second time when the first answer is late, and takes the first answer. When both attempts fail, it rejects with the first attempt's error. */
export function hedge<T>(ask: () => Promise<T>, { againMs, giveUpMs, tooLate, surplus }: HedgeOptions<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const failures: unknown[] = []
  let [asked, failed, over] = [0, 0, false]
  const end = (settle: () => void): void => {
    over = true
    clearTimeout(again)
    clearTimeout(giveUp)
    settle()
  }
  const attempt = (): void => {
    const number = asked++
    ask().then(
      (answer) => (over ? surplus(answer) : end(() => resolve(answer))),
      (failure: unknown) => {
        failures[number] = failure
        if (++failed === asked && !over) end(() => reject(failures[0]))
      },
    )
  }
  const again = setTimeout(attempt, againMs)
  const giveUp = setTimeout(() => end(() => reject(tooLate())), giveUpMs)
  attempt()
  return promise
}
