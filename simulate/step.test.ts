import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../model/random.ts'
import { stepDay } from './days/stepDay.ts'
import { EventLog } from './output/eventLog.ts'
import type { Sample } from './sample.ts'
import { policiesFor } from './shippedPolicy.ts'
import { simulate } from './simulation.ts'

const HOUR = 3600
const [UP, DOWN, END] = [4 * HOUR, 8 * HOUR, 14 * HOUR]
/** Hours after which the copies are within their budget again. The aim is one; a closing copy waits 45 minutes for its players to leave, and a copy is not closed in its first ten. */
const BACK_HOURS = { up: 1.5, down: 1.25 }

/** The day of the jumps: when copies opened and closed, in seconds, and a sample every five minutes. */
function run(players: number, seed: number): { events: { at: number; event: string }[]; samples: Sample[] } {
  const folder = mkdtempSync(join(tmpdir(), 'strata-step-'))
  try {
    const trace = stepDay({ players, factor: 10, up: UP, down: DOWN, seconds: END }, seededRandom(seed))
    const samples: Sample[] = []
    const log = new EventLog(join(folder, 'log.csv'))
    simulate(trace, { policies: policiesFor(trace), random: seededRandom(seed), bootSeconds: 30, log, sample: (sample) => samples.push(sample) })
    log[Symbol.dispose]()
    const rows = readFileSync(join(folder, 'log.csv'), 'utf8').split('\n')
    const events = rows.map((row) => row.split(',')).flatMap(([at, event = '']) => (event === 'open' || event === 'close' ? [{ at: Number(at), event }] : []))
    return { events, samples }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe.each([
  { players: 60, seed: 1 },
  { players: 150, seed: 2 },
  { players: 200, seed: 3 },
])('a population of $players that is tenfold within a minute, and a tenth again', ({ players, seed }) => {
  const { events, samples } = run(players, seed)
  const within = (from: number, to: number): string[] => events.filter(({ at }) => at >= from && at < to).map(({ event }) => event)

  it('C3: copies open and then close, and do not open and close in turn', () => {
    for (const [from, to] of [
      [HOUR, UP],
      [UP, DOWN],
      [DOWN, END],
    ] as const) {
      const order = within(from, to)
      const closed = order.indexOf('close')
      if (closed >= 0) expect(order.slice(closed)).not.toContain('open')
    }
    expect(within(UP, UP + HOUR).filter((event) => event === 'open').length).toBeGreaterThan(players / 20)
    expect(within(DOWN, END)).not.toContain('open')
    expect(within(DOWN, END)).toContain('close')
  })

  it('everybody has a seat two minutes after the jump, and the copies are within their budget again after some hours', () => {
    const at = (seconds: number) => samples.find((sample) => sample.at >= seconds) ?? expect.unreachable()
    expect(at(UP + 300)).toMatchObject({ players: 10 * players, waiting: 0 })
    const { budgets, capacity } =
      policiesFor(stepDay({ players: 1, factor: 1, up: 0, down: 0, seconds: 60 }, seededRandom(1))).get('forest') ?? expect.unreachable()
    for (const seconds of [UP + BACK_HOURS.up * HOUR, DOWN + BACK_HOURS.down * HOUR]) {
      const { copies, players: inside } = at(seconds)
      // A map has a whole number of copies: its share of the budget is rounded up.
      expect(copies).toBeLessThanOrEqual(Math.ceil(Math.ceil(inside / capacity.hard) * (1 + budgets.copies)))
    }
  })
})
