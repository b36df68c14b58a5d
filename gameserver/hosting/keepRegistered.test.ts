import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { StrataError } from '../../model/errors.ts'
import { createLogger } from '../../service/log.ts'
import { keepRegistered } from './keepRegistered.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const taken = new StrataError('SERVER_NAME_TAKEN', { server: 's' })
function registration(answers: (() => Promise<void>)[]) {
  const calls: string[] = []
  let lost = 0
  const store = {
    registerServer: async () => {
      calls.push('register')
      await answers.shift()?.()
    },
    unregisterServer: async () => void calls.push('unregister'),
  }
  const keep = () => keepRegistered({ store, server: 's', publicKey: 'key', log: createLogger('test', 'silent'), onLost: () => void lost++ })
  return { calls, keep, lost: () => lost }
}
const refuse = () => Promise.reject(taken)
const fail = () => Promise.reject(new Error('down'))

it('a server whose name is taken does not start', async () => {
  const { keep, lost } = registration([refuse])
  await expect(keep()).rejects.toMatchObject({ code: 'SERVER_NAME_TAKEN', message: expect.stringContaining('Delete the GameServer') })
  expect(lost()).toBe(0)
})

it('renews the registration twice a minute, also after a failure, and removes it in the end', async () => {
  const { calls, keep, lost } = registration([async () => {}, fail])
  const kept = await keep()
  await vi.advanceTimersByTimeAsync(60_000)
  await kept[Symbol.asyncDispose]()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(calls).toEqual(['register', 'register', 'register', 'register', 'unregister'])
  expect(lost()).toBe(0)
})

it('a server that has lost its name to another process says so', async () => {
  const { keep, lost } = registration([async () => {}, async () => {}, refuse])
  const kept = await keep()
  await vi.advanceTimersByTimeAsync(30_000)
  expect(lost()).toBe(1)
  await kept[Symbol.asyncDispose]()
})
