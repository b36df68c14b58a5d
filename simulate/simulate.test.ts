import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../model/random.ts'
import { generateDay } from './generate/day.ts'
import { kindNames } from './generate/kinds.ts'
import { writeTrace } from './generate/writeTrace.ts'
import { parseOptions } from './options.ts'
import { EventLog } from './output/eventLog.ts'
import { plotDays } from './output/plot.ts'
import { readTrace } from './population/readTrace.ts'
import type { Trace } from './population/trace.ts'
import { policiesFor } from './shippedPolicy.ts'
import { simulate } from './simulation.ts'

/** The first three hours of a generated day: long enough for copies to open and for a line to form. */
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
  it('P4: the same day and seed give the same log, another seed gives a different log', async () => {
    const first = await logged(day(), 1)
    expect((await logged(day(), 1)).text).toBe(first.text)
    expect((await logged(day(), 2)).text).not.toBe(first.text)
  }, 60_000)

  it('S3, P1: a replay of the log finds no copy over its cap, every character in one copy at a time, and the same number of moves as the score', async () => {
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

describe('generated days', () => {
  it('have the shape that their name says, and can be read back from the file that was written', async () => {
    const online = (trace: Trace, t: number): number => trace.avatars.filter(({ stays }) => stays.some(({ first, last }) => first <= t && t <= last)).length
    const days = Object.fromEntries(kindNames.map((kind) => [kind, generateDay({ kind, players: 200, realms: 3, random: seededRandom(3) })])) as Record<
      (typeof kindNames)[number],
      Trace
    > // one entry for each name
    expect(online(days.storm, 48)).toBeLessThan(online(days.storm, 47) / 5)
    expect(online(days.storm, 49)).toBeGreaterThan(online(days.storm, 47) * 0.8)
    expect(online(days.slow, 60)).toBeLessThan(online(days.ordinary, 60) / 2)
    expect(online(days.patch, 60)).toBeGreaterThan(online(days.ordinary, 60) * 1.3)
    const folder = await mkdtemp(join(tmpdir(), 'strata-day-'))
    await writeTrace(days.event, join(folder, 'day.csv'))
    const read = await readTrace(join(folder, 'day.csv'), undefined)
    await rm(folder, { recursive: true })
    expect(read.avatars.map(({ id, stays }) => ({ id, stays }))).toEqual(days.event.avatars.map(({ id, stays }) => ({ id, stays })))
  })
})

describe('the command', () => {
  it('X1: refuses a wrong option with a message that says what to write', () => {
    expect(() => parseOptions(['--placer', 'best'])).toThrow('--placer is one of strata, greedy, fullest, random')
    expect(() => parseOptions(['--seed', 'x'])).toThrow('--seed is a whole number')
    expect(() => parseOptions(['--trase', 'x'])).toThrow('--trase')
    expect(() => parseOptions(['--generate', 'storm', '--trace', 'x'])).toThrow('exclude each other')
    expect(parseOptions(['--help'])).toBe(undefined)
    expect(parseOptions(['--json'])).toMatchObject({ seed: 1, bootSeconds: 30, placer: 'strata', json: true })
  })

  it('generates a day and says so when the recorded day is not there', () => {
    const none = parseOptions([], () => false)
    expect(none).toMatchObject({
      trace: undefined,
      generate: 'ordinary',
      notices: [expect.stringMatching(/no recorded day at .*generates an ordinary day.*--trace/)],
    })
    expect(parseOptions([], () => true)).toMatchObject({ trace: expect.stringContaining('megaserver_day'), generate: undefined, notices: [] })
    expect(parseOptions(['--generate', 'storm'], () => false)).toMatchObject({ generate: 'storm', notices: [] })
  })

  it('takes the zone list of --zones, or the one beside the trace', () => {
    const beside = join('days', 'wowah_zones.csv')
    expect(parseOptions(['--trace', 'days/a.csv'], () => true)).toMatchObject({ zones: beside, notices: [] })
    expect(parseOptions(['--trace', 'days/a.csv', '--zones', 'z.csv'], () => false)).toMatchObject({ zones: 'z.csv', notices: [] })
    expect(parseOptions(['--trace', 'days/a.csv'], () => false)).toMatchObject({ zones: undefined, notices: [] })
    expect(() => parseOptions(['--generate', 'storm', '--zones', 'z.csv'])).toThrow('name one with --trace')
  })

  it('leaves zones out that the zone list names as instances', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'strata-zones-'))
    const [day, zones, empty] = ['day.csv', 'zones.csv', 'empty.csv'].map((name) => join(folder, name)) as [string, string, string]
    try {
      await writeFile(day, 'realm,avatar,guild,zone,t0,t1\n1,a,0,1,0,3\n1,b,0,2,0,3\n')
      await writeFile(zones, 'id,name,kind\n1,Forest,open\n2,Crypt,instance\n')
      await writeFile(empty, 'id,name\n1,Forest\n')
      expect([...policiesFor(await readTrace(day, zones)).keys()]).toEqual(['forest'])
      expect([...policiesFor(await readTrace(day, undefined)).keys()]).toEqual(['zone-1', 'zone-2'])
      await expect(readTrace(day, empty)).rejects.toThrow('no row of the form id,name,kind')
      await expect(readTrace(day, join(folder, 'none.csv'))).rejects.toThrow('there is no zone list')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('plots players, copies and moves, with one line per run', () => {
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

it("the command runs the game's own signals: their weight changes the day, and a failing one is reported and counts 0", { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'strata-simulate-'))
  try {
    const spec = 'spec: { fleet: f, capacity: { soft: 20, hard: 24, company: 2 }, placement: { weights: { game: { first: 90, torn: 5 } } } }'
    await writeFile(join(folder, 'hill.yaml'), `apiVersion: strata.dev/v1alpha1\nkind: MapPolicy\nmetadata: { name: hill }\n${spec}\n`)
    const code = "export const signals = { first: ({ copy }) => (copy.players.size % 2), torn() { throw new Error('no such level') } }\n"
    await writeFile(join(folder, 'code.js'), code)
    const day = ['--generate', 'ordinary', '--realms', '1', '--players', '60', '--maps', 'hill', '--policies', folder, '--json']
    const run = (...more: string[]) => promisify(execFile)(process.execPath, [join(import.meta.dirname, 'main.ts'), ...day, ...more])
    const [without, withCode] = [await run(), await run('--code', join(folder, 'code.js'))]
    const scored = ({ stdout }: { stdout: string }) => ({ ...JSON.parse(stdout), wallSeconds: 0 })
    expect(scored(withCode)).not.toEqual(scored(without))
    expect(withCode.stderr).toContain('The placement signal torn failed and counted 0: no such level')
    expect(without.stderr).not.toContain('torn')
  } finally {
    await rm(folder, { recursive: true })
  }
})
