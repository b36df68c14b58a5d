import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../model/random.ts'
import { generateDay } from './generate/day.ts'
import { kindNames } from './generate/kinds.ts'
import { writeTrace } from './generate/writeTrace.ts'
import { parseOptions } from './options.ts'
import { EventLog } from './output/eventLog.ts'
import { plotDays } from './output/plot.ts'
import { readTrace, type Trace } from './population/trace.ts'
import { policiesFor } from './shippedPolicy.ts'
import { simulate } from './simulation.ts'

/** Three hours of it: enough for copies to open and to be waited for. */
const day = (): Trace => ({ ...generateDay({ kind: 'event', players: 700, realms: 4, random: seededRandom(1) }), samples: 18 })

async function logged(trace: Trace, seed: number): Promise<{ text: string; score: ReturnType<typeof simulate> }> {
  const folder = await mkdtemp(join(tmpdir(), 'strata-simulate-'))
  try {
    const log = new EventLog(join(folder, 'log.csv'))
    const score = simulate(trace, { policies: policiesFor(trace), random: seededRandom(seed), bootSeconds: 30, log })
    log[Symbol.dispose]()
    return { text: await readFile(join(folder, 'log.csv'), 'utf8'), score }
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('a simulated day', () => {
  it('P4: the same day and seed give the same bytes, another seed others', async () => {
    const first = await logged(day(), 1)
    expect((await logged(day(), 1)).text).toBe(first.text)
    expect((await logged(day(), 2)).text).not.toBe(first.text)
  }, 60_000)

  it('S3, P1: whoever replays the log finds no copy over its cap, everybody in one place, and the score that was told', async () => {
    const trace = day()
    const { text, score } = await logged(trace, 1)
    const where = new Map<string, string>()
    const inside = new Map<string, number>()
    let moves = 0
    const add = (copy: string, n: number): void => {
      const after = (inside.get(copy) ?? Number.NaN) + n
      expect(after).toBeGreaterThanOrEqual(0)
      expect(after).toBeLessThanOrEqual(100)
      inside.set(copy, after)
    }
    for (const row of text.trim().split('\n').slice(1)) {
      const [seconds, event, character = '', map, copy] = row.split(',')
      const place = `${map} ${copy}`
      const from = where.get(character)
      if (event === 'open') inside.set(place, 0)
      else if (event === 'close') {
        expect(inside.get(place)).toBe(0)
        inside.delete(place)
      } else if (event === 'enter') {
        expect(from).toBe(undefined)
        where.set(character, place)
        add(place, 1)
      } else if (event === 'leave' && copy !== '') {
        expect(from).toBe(place)
        where.delete(character)
        add(place, -1)
      } else if (event === 'move') {
        add(from ?? '', -1)
        add(place, 1)
        where.set(character, place)
        if (Number(seconds) >= 3600) moves++
      }
    }
    expect(moves).toBe(score.moves)
    expect(score.partyCohesion).toBe(1)
  }, 60_000)
})

describe('made-up days', () => {
  it('are what they are called, and can be read again as they were written', async () => {
    const online = (trace: Trace, t: number): number => trace.avatars.filter(({ stays }) => stays.some(({ first, last }) => first <= t && t <= last)).length
    const made = Object.fromEntries(kindNames.map((kind) => [kind, generateDay({ kind, players: 200, realms: 3, random: seededRandom(3) })])) as Record<
      (typeof kindNames)[number],
      Trace
    > // one entry for each name
    expect(online(made.storm, 48)).toBeLessThan(online(made.storm, 47) / 5)
    expect(online(made.storm, 49)).toBeGreaterThan(online(made.storm, 47) * 0.8)
    expect(online(made.slow, 60)).toBeLessThan(online(made.ordinary, 60) / 2)
    expect(online(made.patch, 60)).toBeGreaterThan(online(made.ordinary, 60) * 1.3)
    const folder = await mkdtemp(join(tmpdir(), 'strata-day-'))
    await writeTrace(made.event, join(folder, 'day.csv'))
    const read = await readTrace(join(folder, 'day.csv'))
    await rm(folder, { recursive: true })
    expect(read.avatars.map(({ id, stays }) => ({ id, stays }))).toEqual(made.event.avatars.map(({ id, stays }) => ({ id, stays })))
  })
})

describe('the command', () => {
  it('X1: says what to write instead', () => {
    expect(() => parseOptions(['--placer', 'best'])).toThrow('--placer is one of strata, greedy, fullest, random')
    expect(() => parseOptions(['--seed', 'x'])).toThrow('--seed is a whole number')
    expect(() => parseOptions(['--trase', 'x'])).toThrow('--trase')
    expect(() => parseOptions(['--generate', 'storm', '--trace', 'x'])).toThrow('exclude each other')
    expect(parseOptions(['--help'])).toBe(undefined)
    expect(parseOptions(['--json'])).toMatchObject({ seed: 1, bootSeconds: 30, placer: 'strata', json: true })
  })

  it('draws players, copies and moves, a line a run', () => {
    const samples = [
      { at: 0, players: 0, copies: 1, moves: 0, waiting: 0 },
      { at: 300, players: 100, copies: 2, moves: 5, waiting: 0 },
    ]
    const svg = plotDays([
      { name: 'today', samples },
      { name: '<draft>', samples },
    ])
    expect(svg.match(/<polyline/g)).toHaveLength(6)
    expect(svg).toContain('&lt;draft>')
  })
})
