import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { hedge } from './hedge.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A hedged request whose attempts the test settles. */
function hedgedRequest(): { attempts: PromiseWithResolvers<string>[]; surplus: string[]; answer: Promise<string> } {
  const attempts: PromiseWithResolvers<string>[] = []
  const surplus: string[] = []
  const ask = (): Promise<string> => {
    const attempt = Promise.withResolvers<string>()
    attempts.push(attempt)
    return attempt.promise
  }
  const answer = hedge(ask, { againMs: 3_000, giveUpMs: 8_000, tooLate: () => new Error('too late'), surplus: (late) => surplus.push(late) })
  // A test may await the rejection later.
  answer.catch(() => undefined)
  return { attempts, surplus, answer }
}

it('asks only once when the answer arrives in time', async () => {
  const { attempts, answer } = hedgedRequest()
  attempts[0]?.resolve('first')
  expect(await answer).toBe('first')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(attempts).toHaveLength(1)
})

it('asks again without an answer, takes the first answer and passes the other one to surplus', async () => {
  const { attempts, surplus, answer } = hedgedRequest()
  await vi.advanceTimersByTimeAsync(3_000)
  attempts[1]?.resolve('second')
  expect(await answer).toBe('second')
  attempts[0]?.resolve('first')
  await vi.advanceTimersByTimeAsync(0)
  expect(surplus).toEqual(['first'])
})

it('an early failure is final; a failed second attempt does not end the first', async () => {
  const early = hedgedRequest()
  early.attempts[0]?.reject(new Error('refused'))
  await expect(early.answer).rejects.toThrow('refused')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(early.attempts).toHaveLength(1)

  const slow = hedgedRequest()
  await vi.advanceTimersByTimeAsync(3_000)
  slow.attempts[1]?.reject(new Error('used already'))
  await vi.advanceTimersByTimeAsync(1_000)
  slow.attempts[0]?.resolve('first')
  expect(await slow.answer).toBe('first')
})

it('rejects with the error of the first attempt when both fail', async () => {
  const { attempts, answer } = hedgedRequest()
  await vi.advanceTimersByTimeAsync(3_000)
  attempts[1]?.reject(new Error('second'))
  attempts[0]?.reject(new Error('first'))
  await expect(answer).rejects.toThrow('first')
})

it('rejects after the timeout without an answer', async () => {
  const { attempts, surplus, answer } = hedgedRequest()
  await vi.advanceTimersByTimeAsync(8_000)
  await expect(answer).rejects.toThrow('too late')
  for (const attempt of attempts) attempt.resolve('late')
  await vi.advanceTimersByTimeAsync(0)
  expect(surplus).toEqual(['late', 'late'])
})
