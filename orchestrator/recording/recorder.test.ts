import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { DAY_MS, type DurationMs, VirtualClock } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import type { CharacterId, CopyId } from '../../model/ids.ts'
import { readRecordingLine, type Span, type Stay } from '../../model/recording/recordingFile.ts'
import { createLogger } from '../../service/log.ts'
import type { Recordings } from '../../store/records/recordings.ts'
import { execute } from '../../test/roleLogin.ts'
import { storeOfFile } from '../../test/storeOfFile.ts'
import type { PopulationChanges, Present } from '../figures/population.ts'
import { exportCsv } from './exportCsv.ts'
import { Pseudonyms } from './pseudonyms.ts'
import { Recorder } from './recorder.ts'
import { spansOf } from './spans.ts'

const fresh = await storeOfFile()
const { recordings } = fresh.store
const START = Date.UTC(2027, 0, 31, 19, 59, 30)
const SECOND: DurationMs = 1_000
const MINUTE = 60 * SECOND

afterEach(() => execute(fresh.url, 'TRUNCATE recording_chunks, recording_key'))

interface Person {
  character: CharacterId
  map: string
  guild?: string
  party?: string
  copy?: CopyId
  languages?: [string, ...string[]]
}

/** A world of seats, second by second, which a recorder records. A process that is killed is never asked again. */
class RecordedWorld {
  readonly clock: VirtualClock
  readonly friends: Record<CharacterId, CharacterId[]> = {}
  readonly recorder: Recorder
  #present = new Map<CharacterId, Present>()

  constructor({ clock = new VirtualClock(START), store = recordings, on = true, keepMs = 7 * DAY_MS }: Partial<WorldOptions> = {}) {
    this.clock = clock
    this.recorder = new Recorder({ store, clock, log: createLogger('test', 'silent'), on, keepMs })
  }

  /** Everybody who is in the world from now on. */
  async second(people: readonly Person[], afterMs = SECOND): Promise<void> {
    this.clock.advance(afterMs)
    const came = new Map<CharacterId, Present>()
    const changed = new Map<CharacterId, { before: Present; now: Present }>()
    const present = new Map(people.map((one) => [one.character, this.#presentOf(one)]))
    for (const [character, now] of present) {
      const before = this.#present.get(character)
      if (before === undefined) came.set(character, now)
      else changed.set(character, { before, now })
    }
    const left = [...this.#present.keys()].filter((character) => !present.has(character))
    this.#present = present
    const changes: PopulationChanges = { at: this.clock.now(), left, came, changed }
    this.recorder.apply(changes, present)
    await this.recorder.flush()
  }

  #presentOf({ character, map, guild, party, copy = 'copy', languages: [language, ...languages] = ['en'] }: Person): Present {
    const holder = { character, entity: 1, name: character, language, ...defined({ guild, party, languages: languages.length > 0 ? languages : undefined }) }
    return {
      seat: { ...holder, state: 'taken', since: 0 },
      map,
      kind: map === 'cave' ? 'instance' : 'zone',
      copy,
      friends: this.friends[character] ?? [],
      salt: saltOf(character),
    }
  }
}
interface WorldOptions {
  clock: VirtualClock
  store: Recordings
  on: boolean
  keepMs: DurationMs
}

/** The export of a time, read as the simulator reads it. */
async function exported(time: Span = { from: 0, until: START + 365 * DAY_MS }): Promise<{ stays: Stay[]; spans: Span[]; text: string }> {
  let text = ''
  for await (const piece of exportCsv(recordings, time)) text += piece
  const rows = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const row = readRecordingLine(line)
      if (typeof row === 'string') throw new Error(`${line}: ${row}`)
      return row
    })
  return { text, stays: rows.flatMap((row) => ('stay' in row ? [row.stay] : [])), spans: rows.flatMap((row) => ('span' in row ? [row.span] : [])) }
}

const saltOf = (character: CharacterId): string => `salt of ${character}`

async function pseudonyms(): Promise<Pseudonyms> {
  return new Pseudonyms((await recordings.recordingKey(randomBytes(32), START)).key)
}

const ada: Person = { character: 'ada', map: 'forest', guild: 'owls', languages: ['de', 'en'] }
const bela: Person = { character: 'bela', map: 'forest', guild: 'owls' }

it('records who is where, with guild, party, languages and friends, and cuts the export at its ends', async () => {
  const world = new RecordedWorld()
  Object.assign(world.friends, { bela: ['ada', 'zoe'] })
  await world.second([]) // the key is read
  await world.second([ada]) // from here
  for (let n = 0; n < 80; n++) await world.second([ada, bela])
  for (let n = 0; n < 10; n++)
    await world.second([
      { ...ada, copy: 'another' },
      { ...bela, map: 'cave', party: 'p' },
    ])
  await world.second([bela])
  world.recorder.pause()
  await world.recorder.flush()
  const name = await pseudonyms()
  const [a, b, owls] = [name.ofCharacter('ada', saltOf('ada')), name.ofCharacter('bela', saltOf('bela')), name.ofGroup('guild', 'owls')]
  const begin = START + 2 * SECOND
  const { stays, spans } = await exported()
  expect(spans).toEqual([{ from: begin, until: begin + 91 * SECOND }])
  expect(stays).toEqual([
    { avatar: b, map: 'forest', kind: 'zone', from: begin + SECOND, until: begin + 81 * SECOND, guild: owls, languages: ['en'], friends: [a] },
    { avatar: a, map: 'forest', kind: 'zone', from: begin, until: begin + 91 * SECOND, guild: owls, languages: ['de', 'en'], friends: [b] },
    {
      avatar: b,
      map: 'cave',
      kind: 'instance',
      from: begin + 81 * SECOND,
      until: begin + 91 * SECOND,
      guild: owls,
      party: name.ofGroup('party', 'p'),
      languages: ['en'],
      friends: [a],
    },
  ])
  const cut = await exported({ from: begin + 85 * SECOND, until: begin + 86 * SECOND })
  expect(cut.spans).toEqual([{ from: begin + 85 * SECOND, until: begin + 86 * SECOND }])
  expect(cut.stays.map(({ avatar, from, until }) => ({ avatar, from, until }))).toEqual([
    { avatar: a, ...cut.spans[0] },
    { avatar: b, ...cut.spans[0] },
  ])
})

const people = ['a', 'b', 'c', 'd'] as const
const where = fc.option(
  fc.record({ map: fc.constantFrom('forest', 'hills', 'cave'), guild: fc.constantFrom(undefined, 'g', 'h'), party: fc.constantFrom(undefined, 'p') }),
  { nil: undefined, freq: 4 },
)

it('what is recorded, exported and read again is what happened, for any course of a world', async () => {
  const course = fc.array(fc.record({ world: fc.tuple(where, where, where, where), afterMs: fc.constantFrom(1_000, 1_003, 5_000) }), {
    minLength: 1,
    maxLength: 60,
  })
  const known = fc.subarray(['a b', 'a c', 'b c', 'c d'])
  await fc.assert(
    fc.asyncProperty(course, known, async (seconds, pairs) => {
      await execute(fresh.url, 'TRUNCATE recording_chunks, recording_key')
      const world = new RecordedWorld()
      for (const one of people) world.friends[one] = pairs.filter((pair) => pair.includes(one)).map((pair) => pair.replace(one, '').trim())
      await world.second([])
      const expected: Stay[] = []
      const open = new Map<string, Stay>()
      const name = await pseudonyms()
      for (const { world: places, afterMs } of [...seconds, { world: [undefined, undefined, undefined, undefined], afterMs: 1_000 }]) {
        const here = people.flatMap((character, index): Person[] => {
          const place = places[index]
          return place === undefined ? [] : [{ character, ...defined(place) }]
        })
        await world.second(here, afterMs)
        const at = world.clock.now()
        for (const character of people) {
          const one = here.find((other) => other.character === character)
          const before = open.get(character)
          const guild = one?.guild === undefined ? undefined : name.ofGroup('guild', one.guild)
          const party = one?.party === undefined ? undefined : name.ofGroup('party', one.party)
          if (before !== undefined && one !== undefined && before.map === one.map && before.guild === guild && before.party === party) continue
          if (before !== undefined) expected.push({ ...before, until: at })
          open.delete(character)
          if (one === undefined) continue
          const kind = one.map === 'cave' ? 'instance' : 'zone'
          open.set(character, {
            avatar: name.ofCharacter(character, saltOf(character)),
            map: one.map,
            kind,
            from: at,
            until: 0,
            languages: ['en'],
            friends: [],
            ...defined({ guild, party }),
          })
        }
      }
      world.recorder.pause()
      await world.recorder.flush()
      const inWorld = (avatar: string, { from, until }: Span): boolean => expected.some((one) => one.avatar === avatar && one.from < until && one.until > from)
      const withFriends = expected.map((stay) => {
        const me = people.find((one) => name.ofCharacter(one, saltOf(one)) === stay.avatar) ?? ''
        return {
          ...stay,
          friends: (world.friends[me] ?? [])
            .map((one) => name.ofCharacter(one, saltOf(one)))
            .filter((one) => inWorld(one, stay))
            .sort(),
        }
      })
      const order = (stays: Stay[]): Stay[] => stays.toSorted((x, y) => x.from - y.from || (x.avatar < y.avatar ? -1 : 1))
      expect(order((await exported()).stays)).toEqual(order(withFriends))
    }),
    { numRuns: 25 },
  )
}, 120_000)

it('D3: after a change of the leader no time is recorded twice, and the time without a leader is a gap', async () => {
  const clock = new VirtualClock(START)
  const [first, second] = [new RecordedWorld({ clock }), new RecordedWorld({ clock })]
  for (let n = 0; n < 100; n++) await first.second([ada])
  // The first leader is killed: what it has seen since its last chunk is lost. The second one leads five seconds later.
  const lostFrom = Math.floor(clock.now() / MINUTE) * MINUTE
  clock.advance(5 * SECOND)
  for (let n = 0; n < 100; n++) await second.second([ada, bela])
  second.recorder.pause()
  await second.recorder.flush()
  const { spans, stays } = await exported()
  expect(spans).toHaveLength(2)
  expect(spans[0]?.until).toBe(lostFrom)
  expect(spans[1]?.from).toBeGreaterThan(lostFrom + 5 * SECOND)
  expect(spansOf(await recordings.recordedHeads(0)).map(({ from, until }) => ({ from, until }))).toEqual(spans)
  // Under the same pseudonym, because the key outlives the leader.
  expect(stays.map(({ avatar }) => avatar)).toEqual(expect.arrayContaining([(await pseudonyms()).ofCharacter('ada', saltOf('ada'))]))
  expect(new Set(stays.map(({ avatar }) => avatar)).size).toBe(2)
})

it('D3: a leader that was replaced without noticing cannot record a minute again, and begins again afterwards', async () => {
  const clock = new VirtualClock(START)
  const [first, second] = [new RecordedWorld({ clock }), new RecordedWorld({ clock })]
  for (let n = 0; n < 3 * 60; n++) {
    await first.second([ada])
    await second.second([ada], 0)
  }
  first.recorder.pause()
  second.recorder.pause()
  await Promise.all([first.recorder.flush(), second.recorder.flush()])
  const { spans, stays } = await exported()
  for (const [index, { from }] of spans.entries()) expect(from).toBeGreaterThanOrEqual(spans[index - 1]?.until ?? 0)
  const seconds = stays.reduce((sum, { from, until }) => sum + (until - from) / SECOND, 0)
  expect(seconds).toBeLessThanOrEqual(3 * 60)
  expect(seconds).toBeGreaterThan(120)
})

it('a pause without samples is a gap', async () => {
  const world = new RecordedWorld()
  for (let n = 0; n < 5; n++) await world.second([ada])
  await world.second([ada], 30 * SECOND)
  for (let n = 0; n < 5; n++) await world.second([ada])
  world.recorder.pause()
  await world.recorder.flush()
  const { spans } = await exported()
  expect(spans.map(({ from, until }) => (until - from) / SECOND)).toEqual([3, 5])
  expect((spans[1]?.from ?? 0) - (spans[0]?.until ?? 0)).toBe(30 * SECOND)
})

it('a database that is away for some minutes loses nothing; after half an hour the recording begins again', async () => {
  let away = true
  const store: Recordings = {
    ...recordings,
    recordChunk: (chunk) => (away ? Promise.reject(new Error('away')) : recordings.recordChunk(chunk)),
  }
  const world = new RecordedWorld({ store })
  const minutes = async (count: number): Promise<void> => {
    for (let n = 0; n < count * 12; n++) await world.second([ada], 5 * SECOND)
  }
  await minutes(10)
  away = false
  await minutes(2)
  expect((await exported()).spans).toHaveLength(1)
  away = true
  await minutes(40)
  away = false
  await minutes(2)
  world.recorder.pause()
  await world.recorder.flush()
  const { spans } = await exported()
  expect(spans).toHaveLength(2)
  expect((spans[1]?.from ?? 0) - (spans[0]?.until ?? 0)).toBeGreaterThanOrEqual(30 * MINUTE)
})

it('X1: no id is in the stored bytes or in the export, and after a week a character has another pseudonym, whose old key is gone', async () => {
  const world = new RecordedWorld()
  const person: Person = { character: 'character-4711', map: 'forest', guild: 'guild-of-4711', party: 'party-of-4711' }
  for (let n = 0; n < 70; n++) await world.second([person])
  const before = await recordings.recordingKey(randomBytes(32), START)
  await world.second([person], 7 * DAY_MS)
  for (let n = 0; n < 70; n++) await world.second([person])
  world.recorder.pause()
  await world.recorder.flush()
  const after = await recordings.recordingKey(randomBytes(32), START)
  expect(after.window).toBe(before.window + 1)
  expect(Buffer.from(after.key).equals(before.key)).toBe(false)
  const { text, stays } = await exported()
  expect(text).not.toContain('4711')
  expect(new Set(stays.map(({ avatar }) => avatar))).toEqual(
    new Set([
      new Pseudonyms(before.key).ofCharacter(person.character, saltOf(person.character)),
      new Pseudonyms(after.key).ofCharacter(person.character, saltOf(person.character)),
    ]),
  )
  expect(stays.every(({ avatar }) => /^[0-9a-f]{16}$/.test(avatar))).toBe(true)
  const stored = await execute(fresh.url, `SELECT key FROM recording_key`)
  expect(stored).toHaveLength(1)
})

it('deletes what is older than the setting, also while nothing is recorded', async () => {
  const world = new RecordedWorld()
  for (let n = 0; n < 70; n++) await world.second([ada])
  world.recorder.pause()
  await world.recorder.flush()
  expect((await recordings.recordedHeads(0)).length).toBeGreaterThan(0)
  const off = new RecordedWorld({ clock: world.clock, on: false, keepMs: DAY_MS })
  await off.second([ada])
  expect((await recordings.recordedHeads(0)).length).toBeGreaterThan(0)
  await off.second([ada], DAY_MS)
  expect(await recordings.recordedHeads(0)).toEqual([])
})
