import { expect, it } from 'vitest'
import { StrataError } from '../../model/errors.ts'
import { createLogger } from '../../service/log.ts'
import type { Leadership } from '../../store/store.ts'
import { until } from '../testing/until.ts'
import { leadWhenPossible } from './leadership.ts'

const log = createLogger('test', 'silent')

/** A lock that several processes compete for. */
class Lock {
  holder: AbortController | undefined
  down = false
  async tryLead(): Promise<Leadership | undefined> {
    if (this.down) throw new StrataError('DEPENDENCY_DOWN', { what: 'PostgreSQL' })
    if (this.holder !== undefined) return undefined
    const mine = new AbortController()
    this.holder = mine
    return {
      lost: mine.signal,
      [Symbol.asyncDispose]: async () => {
        if (this.holder === mine) this.holder = undefined
      },
    }
  }
}

/** A process that wants to lead; it writes to `history`. */
function candidate(lock: Lock, name: string, history: string[], duty: (signal: AbortSignal) => Promise<void> = untilAborted) {
  const stopping = new AbortController()
  const run = async (signal: AbortSignal): Promise<void> => {
    history.push(`${name} leads`)
    await duty(signal)
    history.push(`${name} ends`)
  }
  const done = leadWhenPossible({ election: lock, name: 'orchestrator', duty: run, log, stopping: stopping.signal, tryEveryMs: 5 })
  return {
    async stop() {
      stopping.abort()
      await done
    },
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())))
}

it('D3: one leads; when it stops, the other leads after the duty of the first one has ended', async () => {
  const [lock, history] = [new Lock(), [] as string[]]
  const one = candidate(lock, 'one', history)
  await until(() => history.length === 1)
  const two = candidate(lock, 'two', history)
  await one.stop()
  await until(() => history.length === 3)
  await two.stop()
  expect(history).toEqual(['one leads', 'one ends', 'two leads', 'two ends'])
})

it('D3: a leader that loses its lock stops leading and tries again', async () => {
  const [lock, history] = [new Lock(), [] as string[]]
  const one = candidate(lock, 'one', history)
  await until(() => history.length === 1)
  const lost = lock.holder
  lock.holder = undefined
  const two = candidate(lock, 'two', history)
  await until(() => history.includes('two leads'))
  lost?.abort()
  await until(() => history.includes('one ends'))
  await two.stop()
  await until(() => history.filter((entry) => entry === 'one leads').length === 2)
  await one.stop()
})

it('neither a database that is down nor a duty that fails ends the process', async () => {
  const [lock, history] = [new Lock(), [] as string[]]
  lock.down = true
  let failures = 0
  const one = candidate(lock, 'one', history, () => {
    failures++
    return Promise.reject(new Error('broken'))
  })
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(history).toEqual([])
  lock.down = false
  await until(() => failures >= 2)
  await one.stop()
  expect(lock.holder).toBeUndefined()
})
