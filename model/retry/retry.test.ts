import { expect, it } from 'vitest'
import { retry } from './retry.ts'

const times = { firstMs: 100, maxMs: 1_000 }

it('tries again with growing pauses until the attempt succeeds', async () => {
  const pauses: number[] = []
  let calls = 0
  const result = await retry(async () => (++calls < 4 ? Promise.reject(new Error('not yet')) : 'done'), {
    times,
    mayRetry: () => true,
    pause: async (ms) => pauses.push(ms),
  })
  expect([result, calls, pauses]).toEqual(['done', 4, [100, 200, 400]])
})

it('throws the last error when it may not be tried again', async () => {
  let calls = 0
  const attempt = async (): Promise<never> => {
    throw new Error(`failure ${++calls}`)
  }
  const options = { times, mayRetry: (_: unknown, failures: number) => failures < 3, pause: async () => undefined }
  await expect(retry(attempt, options)).rejects.toThrow('failure 3')
})
