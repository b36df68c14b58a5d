import { Counter, Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { StrataError } from '../../model/errors.ts'
import { measuredStore } from './dependencies.ts'
import { measured } from './measured.ts'
import { startAtZero } from './zero.ts'

class Adapter {
  readonly #answer = 42
  get answer(): number {
    return this.#answer
  }
  async ask(question: string): Promise<string> {
    if (question === '') throw new StrataError('DEPENDENCY_DOWN', { what: 'Redis' })
    return `${question} ${this.#answer}`
  }
  now(): number {
    return this.#answer
  }
}

it('calls that return a promise are observed, with the code of their failure; everything else passes', async () => {
  const calls: unknown[] = []
  const adapter = measured(new Adapter(), (call, seconds, failure) => calls.push([call, seconds >= 0, failure]))
  expect(await adapter.ask('what')).toBe('what 42')
  await expect(adapter.ask('')).rejects.toThrow('Redis')
  expect([adapter.answer, adapter.now()]).toEqual([42, 42])
  expect(calls).toEqual([
    ['ask', true, undefined],
    ['ask', true, 'DEPENDENCY_DOWN'],
  ])
})

it('a measured store counts each part by itself', async () => {
  const registry = new Registry()
  const store = measuredStore({ ping: async () => undefined, economy: { trade: () => Promise.reject(new Error('down')) } }, registry)
  await store.ping()
  await expect(store.economy.trade()).rejects.toThrow('down')
  const text = await registry.metrics()
  expect(text).toContain('strata_store_call_seconds_count{part="people"} 1')
  expect(text).toContain('strata_store_call_seconds_count{part="economy"} 1')
  expect(text).toContain('strata_store_failures_total{part="economy",code="INTERNAL"} 1')
  expect(text).toContain('strata_store_failures_total{part="people",code="INTERNAL"} 0')
})

it('a counter starts at 0 for every combination of known values, and keeps what it has counted', async () => {
  const registry = new Registry()
  const counter = new Counter({ name: 'some_total', help: 'Some', labelNames: ['a', 'b'], registers: [registry] })
  counter.inc({ a: 'x', b: '1' })
  startAtZero(counter, { a: ['x', 'y'], b: ['1', '2'] })
  expect((await counter.get()).values.map(({ value }) => value).sort()).toEqual([0, 0, 0, 1])
})
