/**
 * Asks, and once more when no answer has come for `againMs`: the first answer counts, and of two failures that of the first attempt.
 * Rejects with what `tooLate` makes when there is none after `giveUpMs`. Answers that nobody waits for any more go to `surplus`.
 */
export function hedge<T>(ask: () => Promise<T>, times: { againMs: number; giveUpMs: number }, tooLate: () => Error, surplus: (answer: T) => void): Promise<T> {
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
  const again = setTimeout(attempt, times.againMs)
  const giveUp = setTimeout(() => end(() => reject(tooLate())), times.giveUpMs)
  attempt()
  return promise
}
