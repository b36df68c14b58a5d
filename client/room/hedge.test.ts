import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { hedge } from './hedge.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Attempts that the test answers by hand. */
function asking(): { attempts: PromiseWithResolvers<string>[]; surplus: string[]; answer: Promise<string> } {
  const attempts: PromiseWithResolvers<string>[] = []
  const surplus: string[] = []
  const ask = (): Promise<string> => {
    const attempt = Promise.withResolvers<string>()
    attempts.push(attempt)
    return attempt.promise
  }
  const answer = hedge(
    ask,
    { againMs: 3_000, giveUpMs: 8_000 },
    () => new Error('too late'),
    (late) => surplus.push(late),
  )
  // A test may look at it later.
  answer.catch(() => undefined)
  return { attempts, surplus, answer }
}

it('asks once where the answer comes in time', async () => {
  const { attempts, answer } = asking()
  attempts[0]?.resolve('first')
  expect(await answer).toBe('first')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(attempts).toHaveLength(1)
})

it('asks again when no answer comes, takes what comes first and hands back the rest', async () => {
  const { attempts, surplus, answer } = asking()
  await vi.advanceTimersByTimeAsync(3_000)
  attempts[1]?.resolve('second')
  expect(await answer).toBe('second')
  attempts[0]?.resolve('first')
  await vi.advanceTimersByTimeAsync(0)
  expect(surplus).toEqual(['first'])
})

it('a failure in time is final, and a second attempt that fails leaves the first one its time', async () => {
  const early = asking()
  early.attempts[0]?.reject(new Error('refused'))
  await expect(early.answer).rejects.toThrow('refused')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(early.attempts).toHaveLength(1)

  const slow = asking()
  await vi.advanceTimersByTimeAsync(3_000)
  slow.attempts[1]?.reject(new Error('used already'))
  await vi.advanceTimersByTimeAsync(1_000)
  slow.attempts[0]?.resolve('first')
  expect(await slow.answer).toBe('first')
})

it('of two failures that of the first attempt counts', async () => {
  const { attempts, answer } = asking()
  await vi.advanceTimersByTimeAsync(3_000)
  attempts[1]?.reject(new Error('second'))
  attempts[0]?.reject(new Error('first'))
  await expect(answer).rejects.toThrow('first')
})

it('gives up when nothing answers', async () => {
  const { attempts, surplus, answer } = asking()
  await vi.advanceTimersByTimeAsync(8_000)
  await expect(answer).rejects.toThrow('too late')
  for (const attempt of attempts) attempt.resolve('late')
  await vi.advanceTimersByTimeAsync(0)
  expect(surplus).toEqual(['late', 'late'])
})
