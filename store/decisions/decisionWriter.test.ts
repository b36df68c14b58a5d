import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { StrataError } from '../../model/errors.ts'
import type { Decision } from '../../model/placement/decision.ts'
import { DecisionWriter } from './decisionWriter.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const decision = (id: string): Decision => ({
  id,
  at: 0,
  kind: 'place',
  map: 'forest',
  characters: [],
  reason: 'because',
  policyVersion: '1',
  candidates: [],
  inputs: {},
})

/** A stand-in for the database: stores decisions, is unreachable while `away`, and refuses one id. */
class Table {
  readonly stored: string[] = []
  readonly inputs = new Map<string, Decision['inputs']>()
  readonly statements: number[] = []
  away = false
  refuses: string | undefined
  recordDecisions(decisions: readonly Pick<Decision, 'id' | 'inputs'>[]): Promise<void> {
    this.statements.push(decisions.length)
    if (this.away) return Promise.reject(new StrataError('DEPENDENCY_DOWN', { what: 'The database' }))
    if (decisions.some(({ id }) => id === this.refuses)) return Promise.reject(new Error('refused'))
    this.stored.push(...decisions.map(({ id }) => id))
    for (const { id, inputs } of decisions) this.inputs.set(id, inputs)
    return Promise.resolve()
  }
}

it('P2: decisions within 200 ms are written in one statement, and a full batch at once', async () => {
  const table = new Table()
  await using writer = new DecisionWriter({ store: table })
  for (const id of ['a', 'b', 'c']) writer.add(decision(id))
  expect(table.statements).toEqual([])
  await vi.advanceTimersByTimeAsync(200)
  expect(table.statements).toEqual([3])
  for (let i = 0; i < 1_200; i += 1) writer.add(decision(`${i}`))
  await vi.advanceTimersByTimeAsync(0)
  expect(table.statements).toEqual([3, 250, 250, 250, 250, 200])
  expect(writer.depth).toBe(0)
})

it('P2: an outage loses no decision while the queue has room, and attempts back off', async () => {
  const table = new Table()
  await using writer = new DecisionWriter({ store: table })
  table.away = true
  for (let i = 0; i < 10; i += 1) writer.add(decision(`${i}`))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(table.statements.length).toBeLessThan(20)
  expect(writer.depth).toBe(10)
  table.away = false
  await vi.advanceTimersByTimeAsync(5_000)
  expect(table.stored).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  expect(writer.dropped).toBe(0)
})

it('P2: above its capacity the oldest decisions are dropped, counted and logged', async () => {
  const table = new Table()
  const registry = new Registry()
  const warn = vi.fn()
  await using writer = new DecisionWriter({ store: table, capacity: 100, registry, log: { warn } })
  table.away = true
  for (let i = 0; i < 150; i += 1) writer.add(decision(`${i}`))
  expect(writer.depth).toBeLessThanOrEqual(100)
  expect(writer.dropped + writer.depth).toBe(150)
  expect(warn).toHaveBeenCalledWith(expect.objectContaining({ count: 10 }), 'Decisions were dropped.')
  expect(await registry.metrics()).toContain(`strata_decisions_dropped_total ${writer.dropped}`)
  expect(await registry.metrics()).toContain(`strata_decisions_queued ${writer.depth}`)
  table.away = false
  await vi.advanceTimersByTimeAsync(5_000)
  expect(table.stored.at(-1)).toBe('149')
  expect(table.stored).not.toContain('0')
})

it('P2: a decision that the database refuses does not block the others', async () => {
  const table = new Table()
  await using writer = new DecisionWriter({ store: table })
  table.refuses = '7'
  for (let i = 0; i < 20; i += 1) writer.add(decision(`${i}`))
  await vi.advanceTimersByTimeAsync(200)
  expect(table.stored.length).toBe(19)
  expect(writer.dropped).toBe(1)
})

const entered = (n: number, more: Partial<Decision> = {}): Decision => ({
  ...decision(`${n}`),
  at: 100 * n,
  copy: 'forest-1',
  characters: ['ada'],
  reason: `Ada asked to enter; occupancy 0.${n}`,
  ...more,
})

it('P2: a client that asks again ten times a second gets one decision with a count, not one for each request', async () => {
  const table = new Table()
  const writer = new DecisionWriter({ store: table })
  for (let n = 0; n < 600; n++) {
    writer.add(entered(n))
    await vi.advanceTimersByTimeAsync(100)
  }
  await writer[Symbol.asyncDispose]()
  expect(new Set(table.stored)).toEqual(new Set(['0']))
  expect(table.statements.length).toBeLessThanOrEqual(8)
  expect(table.inputs.get('0')).toEqual({ repeats: 599, repeatedUntil: new Date(59_900).toISOString() })
})

it('P2: another answer, another character, a later request and a move are no repeats', async () => {
  const table = new Table()
  const writer = new DecisionWriter({ store: table })
  writer.add(entered(1))
  writer.add(entered(2, { copy: 'forest-2' }))
  writer.add(entered(3, { characters: ['bob'] }))
  writer.add(entered(4, { kind: 'refuse', inputs: { code: 'BANNED' } }))
  writer.add(entered(5, { kind: 'refuse', inputs: { code: 'MAP_CLOSED' } }))
  writer.add(entered(6, { kind: 'move' }))
  writer.add(entered(7, { kind: 'move' }))
  writer.add(entered(8, { policyVersion: '2' }))
  writer.add(entered(9, { at: 100 + 10_001 }))
  await writer[Symbol.asyncDispose]()
  expect(table.stored).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9'])
})

it('P2: an outage keeps a decision and its count apart, so that one statement never writes a row twice', async () => {
  const table = new Table()
  const writer = new DecisionWriter({ store: table })
  table.away = true
  for (let n = 0; n < 3; n++) writer.add(entered(n))
  await vi.advanceTimersByTimeAsync(30_000)
  expect(writer.depth).toBe(2)
  table.away = false
  await writer[Symbol.asyncDispose]()
  expect(table.stored).toEqual(['0', '0'])
  expect(table.inputs.get('0')).toMatchObject({ repeats: 2 })
})

it('P2: disposing writes the queued decisions, and waits at most 5 s', async () => {
  const table = new Table()
  const writer = new DecisionWriter({ store: table })
  writer.add(decision('last'))
  await writer[Symbol.asyncDispose]()
  expect(table.stored).toEqual(['last'])

  const hanging = new DecisionWriter({ store: { recordDecisions: () => new Promise<void>(() => undefined) } })
  hanging.add(decision('lost'))
  const end = hanging[Symbol.asyncDispose]()
  await vi.advanceTimersByTimeAsync(5_000)
  await end
  expect(hanging.dropped).toBe(1)
})
