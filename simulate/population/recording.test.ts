import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seededRandom } from '../../model/random.ts'
import { RECORDING_HEADER } from '../../model/recording/recordingFile.ts'
import { policiesFor } from '../shippedPolicy.ts'
import { simulate, simulatedSums } from '../simulation.ts'
import { membersOf } from './members.ts'
import { readTrace } from './readTrace.ts'
import type { Trace } from './trace.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-recording-'))
})
afterAll(() => rm(folder, { recursive: true }))

const at = (seconds: number): string => new Date(Date.UTC(2027, 0, 31, 20) + seconds * 1000).toISOString()
/** avatar, map, kind, from, until, guild, party, languages, friends. */
const stay = (
  avatar: string,
  map: string,
  [from, until]: [number, number],
  { guild = '', party = '', languages = 'de', friends = '', kind = 'zone' } = {},
): string => [avatar, map, kind, at(from), at(until), guild, party, languages, friends].join(',')
const span = (from: number, until: number): string => `,,recorded,${at(from)},${at(until)},,,,`

async function read(rows: readonly string[], name = 'day.csv'): Promise<Trace> {
  const text = [RECORDING_HEADER, ...rows, ''].join('\n')
  await writeFile(join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text)
  return readTrace(join(folder, name), undefined)
}

const evening = [
  stay('b', 'forest', [100, 400], { guild: 'g', languages: 'en de', friends: 'a' }),
  stay('a', 'forest', [0, 500], { guild: 'g', friends: 'b x' }),
  stay('a', 'cave', [500, 700], { guild: 'g', party: 'p', kind: 'instance' }),
  stay('a', 'hills', [700, 900], { guild: 'g', party: 'p' }),
  span(0, 1000),
]

it('takes people, guilds, parties, languages, friends and kinds of maps from the recording; the first line says that it is one', async () => {
  for (const name of ['day.csv', 'day.csv.gz']) {
    const trace = await read(evening, name)
    expect(trace.zones).toEqual(
      new Map([
        [1, { id: 1, name: 'forest', kind: 'open' }],
        [2, { id: 2, name: 'cave', kind: 'instance' }],
        [3, { id: 3, name: 'hills', kind: 'open' }],
      ]),
    )
    expect([...policiesFor(trace).keys()]).toEqual(['forest', 'hills'])
    const { recorded } = trace
    if (recorded === undefined) throw new Error('no recorded day')
    expect(recorded).toMatchObject({ seconds: 1000, start: Date.UTC(2027, 0, 31, 20), gapSeconds: 0 })
    const [b, a] = membersOf(trace, recorded.people)
    expect(b?.holder).toMatchObject({ character: 'b', language: 'en', languages: ['de'], guild: 'g1' })
    expect(a?.holder).toMatchObject({ character: 'a', language: 'de', guild: 'g1' })
    expect(recorded.steps).toEqual([
      // Who is there at the beginning entered during the ten minutes before.
      { at: -300, avatar: 1, from: undefined, to: undefined, login: false, logout: false, friends: [0] },
      { at: -300, avatar: 1, from: undefined, to: 1, login: true, logout: false },
      { at: 100, avatar: 0, from: undefined, to: undefined, login: false, logout: false, friends: [1] },
      { at: 100, avatar: 0, from: undefined, to: 1, login: true, logout: false },
      { at: 400, avatar: 0, from: 1, to: undefined, login: false, logout: true },
      { at: 500, avatar: 1, from: undefined, to: undefined, login: false, logout: false, description: { guild: 1, party: 0 } },
      { at: 500, avatar: 1, from: 1, to: undefined, login: false, logout: false },
      { at: 700, avatar: 1, from: undefined, to: 3, login: false, logout: false },
      { at: 900, avatar: 1, from: 3, to: undefined, login: false, logout: true },
    ])
  }
})

it('runs a recording with its own parties, guilds and friends: who is together in the recorded company is together', async () => {
  const trace = await read(evening)
  const score = simulate(trace, { policies: policiesFor(trace), random: seededRandom(1), bootSeconds: 1, warmUpSeconds: 0 })
  expect(score).toMatchObject({ guildPairCohesion: 1, friendPairCohesion: 1, peakPlayers: 2, moves: 0 })
  expect(score.meanPlayers).toBeCloseTo((300 + 500 + 200) / 1000, 1)
})

it('two are friends from the next login of one of them on, as in the running world, also when one of them is away on a map that is not layered', async () => {
  const trace = await read([
    stay('a', 'forest', [0, 100]),
    stay('b', 'forest', [0, 200], { friends: 'a' }),
    // They became friends before a comes back.
    stay('b', 'cave', [200, 300], { kind: 'instance', friends: 'a' }),
    stay('b', 'forest', [300, 400], { friends: 'a' }),
    stay('a', 'forest', [150, 400], { friends: 'b' }),
    span(0, 400),
  ])
  const sums = simulatedSums(trace, { policies: policiesFor(trace), random: seededRandom(1), bootSeconds: 1, warmUpSeconds: 0 })
  expect([sums.friendAll, sums.friendSame]).toEqual([50 + 100, 50 + 100])
})

it('members of a party who are in the same second on their way make one step after another', async () => {
  const rows = ['a', 'b', 'c', 'd'].flatMap((avatar, index) => {
    const party = index % 2 === 0 ? 'p' : 'q'
    return [stay(avatar, 'forest', [10, 50], { party }), stay(avatar, 'hills', [50, 90], { party })]
  })
  const { recorded } = await read([...rows, span(0, 100)])
  expect(recorded?.steps.filter(({ at: second }) => second === 50).map(({ avatar }) => avatar)).toEqual([0, 2, 1, 3])
})

it('people stay over a short gap, travel at its end, and come back over ten minutes after a long one', async () => {
  const short = await read([
    stay('a', 'forest', [0, 100]),
    stay('b', 'forest', [0, 100]),
    stay('a', 'forest', [130, 200]),
    stay('b', 'hills', [130, 200]),
    span(0, 100),
    span(130, 200),
  ])
  expect(short.recorded).toMatchObject({ seconds: 200, gapSeconds: 30 })
  expect(short.recorded?.steps.filter(({ at: second }) => second >= 0 && second < 200)).toEqual([
    { at: 130, avatar: 1, from: 1, to: 2, login: false, logout: false },
  ])
  const long = await read([stay('a', 'forest', [0, 100]), stay('a', 'forest', [5000, 6000]), span(0, 100), span(5000, 6000)])
  const travels = long.recorded?.steps.filter(({ friends }) => friends === undefined)
  expect(travels?.map(({ at: second, login, logout }) => ({ second, login, logout }))).toEqual([
    { second: -300, login: true, logout: false },
    { second: 100, login: false, logout: true },
    { second: 4700, login: true, logout: false },
    { second: 6000, login: false, logout: true },
  ])
})

it.each([
  [['a,forest'], 'day.csv:2: it has 2 columns'],
  [[stay('a', 'forest', [0, 10]), stay('b', 'forest', [0, 10], { kind: 'house' })], 'day.csv:3: kind is zone, instance or recorded; not "house"'],
  [[stay('a', 'forest', [0, 10]), stay('a', 'hills', [5, 20])], 'day.csv:3: the avatar a is in two places at once; see line 2'],
  [[span(0, 10)], 'has nobody in it'],
])('X1: %j is refused with file, line and reason', async (rows, reason) => {
  await expect(read(rows)).rejects.toThrow(reason)
})

it('X1: a file of another kind is refused with both formats', async () => {
  await writeFile(join(folder, 'other.csv'), 'name,score\n')
  await expect(readTrace(join(folder, 'other.csv'), undefined)).rejects.toThrow(/must begin with the line "avatar,map,kind.*or "realm,avatar/)
})
