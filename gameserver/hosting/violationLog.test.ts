import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import type { Violation } from '../../model/fairness.ts'
import { createLogger } from '../../service/log.ts'
import { ViolationLog } from './violationLog.ts'

const violation = (change: Partial<Violation>): Violation => ({
  id: 'v',
  at: 0,
  character: 'cara',
  map: 'town',
  copy: 'town-1',
  tick: 1,
  kind: 'speed',
  count: 1,
  action: 'correct',
  x: 0,
  y: 0,
  evidence: {},
  trust: 100,
  ...change,
})

function logTo(written: Violation[], store = { recordViolations: async (rows: readonly Violation[]) => void written.push(...rows) }) {
  const registry = new Registry()
  // The clock stands at 0: the periodic writer finds no finished row.
  return { registry, log: new ViolationLog({ store, now: () => 0, log: createLogger('test', 'silent'), registry }) }
}

it('F4: repeats within ten seconds are one row with their number, the first evidence and the strongest action', async () => {
  const written: Violation[] = []
  const { log } = logTo(written)
  for (let n = 0; n < 200; n++)
    log.add(violation({ id: `v${n}`, at: n * 100, action: n === 50 ? 'flag' : 'correct', evidence: { metres: n, type: 'x'.repeat(500) }, trust: 100 - n / 10 }))
  log.add(violation({ id: 'other', at: 5_000, kind: 'wall' }))
  await log[Symbol.asyncDispose]()
  expect(written.map(({ id, kind, count, action }) => [id, kind, count, action])).toEqual([
    ['v0', 'speed', 100, 'flag'],
    ['v100', 'speed', 100, 'correct'],
    ['other', 'wall', 1, 'correct'],
  ])
  expect(written[0]?.evidence).toEqual({ metres: 0, type: 'x'.repeat(64) })
})

it('F4: rows wait while the database does not answer, up to a limit, and are written afterwards', async () => {
  const written: Violation[] = []
  let down = true
  const { log, registry } = logTo(written, {
    recordViolations: async (rows) => {
      if (down) throw new Error('down')
      written.push(...rows)
    },
  })
  for (let n = 0; n < 20_100; n++) log.add(violation({ character: `c${n}`, at: n }))
  await expect(log.write(Number.POSITIVE_INFINITY)).rejects.toThrow('down')
  down = false
  await log[Symbol.asyncDispose]()
  expect(written).toHaveLength(20_000)
  expect(await registry.metrics()).toContain('strata_gameserver_violations_dropped_total 100')
})
