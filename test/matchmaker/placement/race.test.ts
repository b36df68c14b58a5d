import { expect, it } from 'vitest'
import { freshStore } from '../../freshStore.ts'
import { makeCharacter } from '../../people.ts'
import { enterAs, policyNamed, Realm } from '../realm.ts'
import { severalMatchmakers } from '../severalMatchmakers.ts'

it('S3, P1: 64 matchmakers on one Redis seat parties and strangers at once without exceeding a cap or splitting a party', async () => {
  const policy = policyNamed('forest', { capacity: { soft: 16, hard: 20, company: 2 } })
  await using database = await freshStore()
  const { store } = database
  await using matchmakers = await severalMatchmakers(64, store, policy, 5)
  await using people = await Realm.create(store)
  const parties = await Promise.all(Array.from({ length: 20 }, (_, n) => people.partyOf(4, `Storm ${n}`)))
  const strangers = await people.people(40, 'Storm alone')

  const storm = [...parties.flat(), ...strangers].map((person, n) => ({ person, parts: matchmakers.parts[n % 64] }))
  const answers = await Promise.all(storm.map(async ({ person, parts }) => (parts === undefined ? undefined : enterAs(parts, person))))
  for (const answer of answers) expect(answer).toSatisfy((one) => one !== undefined && ('seat' in one || 'line' in one))

  const { seats } = await matchmakers.directory.snapshot('forest')
  // How many lose the race and wait depends on the machine. With more seats than two copies have, the caps were tried.
  expect(seats.length).toBeGreaterThan(2 * policy.capacity.hard)
  const inside = Map.groupBy(seats, ({ copy }) => copy)
  for (const [, held] of inside) expect(held.length).toBeLessThanOrEqual(policy.capacity.hard)
  expect(new Set(seats.map(({ seat }) => seat.character)).size).toBe(seats.length)
  for (const party of Map.groupBy(
    seats.filter(({ seat }) => seat.party !== undefined),
    ({ seat }) => seat.party,
  ).values()) {
    expect(new Set(party.map(({ copy }) => copy)).size).toBe(1)
  }
}, 60_000)

it('a guild of three languages that arrives in one second through several matchmakers gets into one copy', async () => {
  const policy = policyNamed('forest', { capacity: { soft: 80, hard: 90, company: 10 } })
  await using database = await freshStore()
  const { store } = database
  await using matchmakers = await severalMatchmakers(6, store, policy, 3)
  const [first] = matchmakers.parts
  if (first === undefined) throw new Error('no matchmaker')
  const languages = ['en', 'de', 'fr']
  // Each copy has one language, which attracts its speakers. Only the guild can keep its members together.
  for (const [n, language] of languages.entries()) {
    const holders = Array.from({ length: 20 }, (_, i) => ({ character: `${language} ${i}`, entity: 1 + n * 20 + i, name: `${language} ${i}`, language }))
    const now = Date.now()
    await matchmakers.directory.holdSeats({ map: 'forest', holders, options: [{ copy: `forest-${n + 1}`, limit: 80 }], now, deadline: now + 60_000 })
  }
  await Promise.all(matchmakers.parts.map((parts) => expect.poll(() => parts.world.census().maps.get('forest')?.copies.get('forest-3')?.seats.size).toBe(20)))
  const guild = await Promise.all(
    Array.from({ length: 36 }, (_, n) => makeCharacter(store, { name: `Polyglot ${n}`, language: languages[n % 3] ?? 'en', guild: 'Polyglots' })),
  )

  await Promise.all(guild.map((person, n) => enterAs(matchmakers.parts[n % 6] ?? first, person)))

  const { seats } = await matchmakers.directory.snapshot('forest')
  const members = seats.filter(({ seat }) => seat.guild !== undefined)
  expect(members).toHaveLength(36)
  expect(new Set(members.map(({ copy }) => copy)).size).toBe(1)
  // Later arrivals follow, whatever their language.
  const late = await makeCharacter(store, { name: 'Polyglot late', language: 'fr', guild: 'Polyglots' })
  expect(await enterAs(first, late)).toMatchObject({ seat: { copy: members[0]?.copy } })
})
