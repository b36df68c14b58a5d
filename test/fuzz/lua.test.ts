import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, expect, it } from 'vitest'
import { RedisDirectory } from '../../directory/redis/redisDirectory.ts'
import type { SeatHolder, SeatRequest } from '../../model/seat.ts'
import { fuzz, roughText, timeout } from './fuzz.ts'

const url = process.env['REDIS_URL'] ?? '' // started by test/services.ts
const redis = new Redis(url)
afterAll(() => redis.disconnect())

const now = 1_700_000_000_000
const LIMIT = 3
const copies = ['a', 'b'] as const

const ordinary = fc.constantFrom('p', 'q', 'r', 's', 't', 'u')
/** Half surrogate pairs are excluded: the store refuses them, and Redis would get another text than the test compares with. */
const odd = fc.oneof(fc.constantFrom('p\0q', '', 'a', 'x'.repeat(5_000), '{map:other}', '*', '%z', '"'), roughText(4)).map((text) => text.toWellFormed())
const id = fc.oneof({ weight: 4, arbitrary: ordinary }, { weight: 1, arbitrary: odd })
const instant = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(now, now + 1) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, 1.5, now + 60_000, 2 ** 53, 1e300, null) },
)
const deadline = fc.oneof({ weight: 6, arbitrary: fc.constant(now + 60_000) }, { weight: 1, arbitrary: instant })
const count = fc.constantFrom(0, 1, 2, 100_000, -1, 1.5)
const copy = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...copies) }, { weight: 1, arbitrary: odd })
const ids = fc.array(id, { minLength: 1, maxLength: 3 })
const hold = fc.record({
  call: fc.constant('hold' as const),
  characters: ids,
  copies: fc.array(copy, { maxLength: 3 }),
  at: instant,
  until: deadline,
  party: odd,
  group: id,
  unseated: fc.array(odd, { maxLength: 2 }),
})
const call = fc.oneof(
  { weight: 6, arbitrary: hold },
  fc.record({
    call: fc.constant('promote' as const),
    entry: id,
    characters: ids,
    copies: fc.array(copy, { maxLength: 3 }),
    at: instant,
    until: deadline,
    skippable: ids,
    pace: count,
  }),
  fc.record({ call: fc.constantFrom('take' as const, 'free' as const, 'giveBack' as const, 'describe' as const), copy, character: id, at: instant }),
  fc.record({ call: fc.constantFrom('sweep' as const, 'lineHead' as const), at: instant, count }),
  fc.record({
    call: fc.constantFrom('joinLine' as const, 'renewLine' as const, 'leaveLine' as const, 'linePosition' as const, 'promoted' as const),
    entry: id,
    at: instant,
    count,
  }),
  fc.record({ call: fc.constantFrom('removeCopy' as const, 'addCopy' as const), copy: fc.constantFrom(...copies) }),
)
type Call = typeof call extends fc.Arbitrary<infer C> ? C : never

const holder = (character: string): SeatHolder => ({ character, entity: 1, name: `"${character}\0`, language: 'en', attributes: { [character]: character } })
const openCopy = (name: string, map: string) => ({ id: name, map, server: 's', address: 'ws://s', state: 'open' as const, created: now, since: now })

it('X1, S3: whatever the arguments of the scripts are, caps hold, every seat can be read, and other maps stay as they are', { timeout }, async () => {
  await fuzz('lua', fc.array(call, { minLength: 1, maxLength: 30, size: 'max' }), 80, async (calls) => {
    const prefix = `fuzz:${randomUUID()}:`
    await using directory = await RedisDirectory.connect(url, { prefix, clock: 'caller' })
    for (const map of ['m', 'other']) for (const name of copies) await directory.addCopy(openCopy(name, map))
    await directory.holdSeats({ map: 'other', holders: [holder('neighbour')], options: [{ copy: 'a', limit: 1 }], now, deadline: now + 60_000 })
    const other = await directory.snapshot('other')
    for (const one of calls) {
      // An argument may be refused. What matters is the state afterwards.
      await made(directory, one).catch((error: unknown) => expect(error).toBeInstanceOf(Error))
    }
    const { seats } = await directory.snapshot('m')
    for (const name of copies) expect(seats.filter((seat) => seat.copy === name).length).toBeLessThanOrEqual(LIMIT)
    for (const { seat } of seats) expect([seat.name, seat.attributes]).toEqual([holder(seat.character).name, holder(seat.character).attributes])
    const held = seats.filter(({ seat }) => seat.state === 'held').map(({ copy, seat }) => `${copy}\0${seat.character}`)
    const [heldKey] = await redis.keys(`${prefix}*map:m}:held`)
    expect((heldKey === undefined ? [] : await redis.zrange(heldKey, '0', '-1')).toSorted()).toEqual(held.toSorted())
    expect(await directory.snapshot('other')).toEqual(other)
    const keys = await redis.keys(`${prefix.replaceAll(/[[\]*?]/g, '\\$&')}*`)
    if (keys.length > 0) await redis.del(...keys)
  })
})

function made(directory: RedisDirectory, one: Call): Promise<unknown> {
  const at = 'at' in one ? (one.at ?? Number.NaN) : now
  switch (one.call) {
    case 'hold':
      return directory.holdSeats({ ...request(one), party: one.party, group: { id: one.group, among: 2, forMs: 1_000 }, unseated: one.unseated })
    case 'promote':
      return directory.promote(entry(one.entry, at, one.characters), request(one), one.skippable, one.pace)
    case 'take':
      return directory.takeSeat('m', one.copy, one.character, at)
    case 'free':
      return directory.freeSeat('m', one.copy, one.character)
    case 'giveBack':
      return directory.giveBackSeat('m', one.copy, one.character, at)
    case 'describe':
      return directory.describeSeats('m', one.copy, [holder(one.character)])
    case 'sweep':
      return directory.sweepSeats('m', at)
    case 'lineHead':
      return directory.lineHead('m', one.count, at)
    case 'joinLine':
      return directory.joinLine(entry(one.entry, at, [one.entry]), one.count, now)
    case 'renewLine':
      return directory.renewLine('m', one.entry, at, now)
    case 'leaveLine':
      return directory.leaveLine('m', one.entry)
    case 'linePosition':
      return directory.linePosition('m', one.entry, at)
    case 'promoted':
      return directory.promoted('m', one.entry)
    case 'removeCopy':
      return directory.removeCopy('m', one.copy)
    case 'addCopy':
      return directory.addCopy(openCopy(one.copy, 'm'))
  }
}

interface Asked {
  characters: readonly string[]
  copies: readonly string[]
  at: number | null
  until: number | null
}

function request({ characters, copies: wanted, at, until }: Asked): SeatRequest {
  const options = wanted.map((name) => ({ copy: name, limit: LIMIT, evenClosing: true }))
  return { map: 'm', holders: characters.map(holder), options, now: at ?? Number.NaN, deadline: until ?? Number.NaN }
}

function entry(name: string, at: number, characters: readonly string[]) {
  return { id: name, map: 'm', holders: characters.map(holder), rank: 0, arrived: at, keepUntil: at }
}
