import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enter } from '../../../matchmaker/flows/enter.ts'
import type { Parts } from '../../../matchmaker/parts.ts'
import { type ProfileOutbox, ProfileSync } from '../../../matchmaker/profiles/profileSync.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { Seat } from '../../../model/seat.ts'
import type { StudioLine } from '../../../store/studio/studio.ts'
import { makeCharacter } from '../../people.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { policyNamed, Realm } from '../realm.ts'
import { severalMatchmakers } from '../severalMatchmakers.ts'

const { store, url } = await storeOfFile()
const outbox = new pg.Client({ connectionString: url })
await outbox.connect()
afterAll(() => outbox.end())

const policy = policyNamed('forest', { placement: { attributes: [{ name: 'role', weight: 1, prefer: 'same' }] } })
const wish = { map: 'forest', protocol: 1, wholeParty: false, rankIn: () => 0 }

async function onMemory(): Promise<AsyncDisposable & { parts: Parts[] }> {
  const realm = await Realm.create(store, policy)
  await realm.open('forest-1')
  return { parts: [realm.matchmaker(), realm.matchmaker()], [Symbol.asyncDispose]: () => realm[Symbol.asyncDispose]() }
}
const onRedis = (): Promise<AsyncDisposable & { parts: Parts[] }> => severalMatchmakers(2, store, policy, 1)

async function until<T>(look: () => Promise<T>, wanted: (value: T) => boolean, withinMs: number): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const value = await look()
    if (wanted(value)) return value
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

for (const [adapter, open] of [
  ['memory', onMemory],
  ['Redis', onRedis],
] as const) {
  describe(`profile changes on ${adapter}`, () => {
    let world: Awaited<ReturnType<typeof open>>
    let syncs: ProfileSync[]
    const seatOf = async (character: CharacterId): Promise<Seat | undefined> =>
      (await (world.parts[0] as Parts).directory.snapshot('forest')).seats.find(({ seat }) => seat.character === character)?.seat
    beforeAll(async () => {
      world = await open()
      syncs = world.parts.map((parts) => new ProfileSync(parts, store.social))
    })
    afterAll(async () => {
      await Promise.all(syncs.map((sync) => sync[Symbol.asyncDispose]()))
      await world[Symbol.asyncDispose]()
    })

    it('S6: two matchmakers share the outbox; party, guild, name, language and attributes are in the seat within a second of each change', async () => {
      const { character, account } = await makeCharacter(store, { name: `Ann on ${adapter}` })
      const [first] = world.parts
      const server = watch(first as Parts, 's1')
      await enter(first as Parts, character, wish)
      await (first as Parts).directory.takeSeat('forest', 'forest-1', character, (first as Parts).clock.now())
      await (first as Parts).directory.setPresence({ character, map: 'forest', copy: 'forest-1', server: 's1', epoch: 1 })
      await store.claim(character, { copy: 'forest-1', server: 's1' })
      const within = async (change: () => Promise<unknown>, wanted: Partial<Seat>): Promise<void> => {
        server.words = []
        await change()
        const seat = await until(
          () => seatOf(character),
          (one) => Object.entries(wanted).every(([key, value]) => JSON.stringify(Reflect.get(one ?? {}, key)) === JSON.stringify(value)),
          1_000,
        )
        expect(seat?.state).toBe('taken')
        await until(
          async () => server.words,
          (words) => words.includes(character),
          1_000,
        )
      }
      const party = `party-${adapter}`
      await within(() => store.social.createParty(party, character), { party })
      await within(() => makeCharacter(store, { name: `Ann on ${adapter}`, guild: `Owls ${adapter}` }), { guild: `guild-owls-${adapter.toLowerCase()}` })
      await within(() => store.accounts.renameCharacter(character, `Annika ${adapter}`), { name: `Annika ${adapter}` })
      await within(() => store.accounts.describeCharacter(character, { languages: ['pt', 'en'] }), { language: 'pt' })
      // Only what the policy of the map uses is in the seat.
      await within(() => store.accounts.describeCharacter(character, { attributes: { role: 'tank', level: 60 } }), { attributes: { role: 'tank' } })
      await within(() => store.social.leaveParty(character), {})
      expect(await seatOf(character)).not.toHaveProperty('party')
      // The seat says nothing of friends, blocks and bans; the server gets a word to read them.
      const other = await makeCharacter(store, { name: `Other on ${adapter}` })
      await within(() => store.social.befriend(character, other.character), {})
      await within(() => store.social.block(character, other.character), {})
      await within(() => store.accounts.setBan(account, { until: Date.now() + 60_000, reason: 'test' }), {})
      server.stop()
    })

    it('S6: somebody who was entering with the previous profile ends with the new one: the change is applied again', async () => {
      const { character } = await makeCharacter(store, { name: `Late on ${adapter}` })
      const { directory } = world.parts[0] as Parts
      const { entity, name } = (await store.profile(character)) ?? { entity: 0, name: '' }
      await store.social.createParty(`late-${adapter}`, character)
      // The change is taken from the outbox before this seat is held.
      await new Promise((resolve) => setTimeout(resolve, 700))
      const old = { character, entity, name, language: 'en' }
      const now = (world.parts[0] as Parts).clock.now()
      await directory.holdSeats({ map: 'forest', holders: [old], options: [{ copy: 'forest-1', limit: 50 }], now, deadline: now + 60_000 })
      expect(await seatOf(character)).not.toHaveProperty('party')
      await until(
        () => seatOf(character),
        (seat) => seat?.party === `late-${adapter}`,
        7_000,
      )
    })
  })
}

/** The words that reach one server, as the characters that they name. */
function watch({ directory }: Parts, onlyFor: string): { words: CharacterId[]; stop(): void } {
  const stopping = new AbortController()
  const heard = { words: [] as CharacterId[], stop: () => stopping.abort() }
  void directory.watch(stopping.signal, { onlyFor }).then(async (events) => {
    for await (const event of events) if (event.type === 'profilesChanged') heard.words.push(...event.characters)
  })
  return heard
}

it('S6: what a matchmaker took from the outbox while the directory did not answer is applied when it answers again', async () => {
  await using world = await onMemory()
  const [parts] = world.parts as [Parts]
  const { character } = await makeCharacter(store, { name: 'Down' })
  await enter(parts, character, wish)
  let down = true
  const directory = new Proxy(parts.directory, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return down && name === 'describeSeats' ? () => Promise.reject(new Error('down')) : method.bind(target)
    },
  })
  // The outbox repeats nothing here: the change comes once.
  const once: ProfileOutbox = {
    takeProfileChanges: (limit) => store.social.takeProfileChanges(limit, 3_600_000),
    settleProfileChanges: (toSettle) => store.social.settleProfileChanges(toSettle),
  }
  await store.social.createParty('party-down', character)
  await using _sync = new ProfileSync({ ...parts, directory }, once)
  await new Promise((resolve) => setTimeout(resolve, 700))
  down = false
  const seat = async () => (await parts.directory.snapshot('forest')).seats.find((one) => one.seat.character === character)?.seat
  await until(seat, (one) => one?.party === 'party-down', 2_000)
})

it('S6: a change comes back until a caller has settled it, however many callers stop before', async () => {
  const { character } = await makeCharacter(store, { name: 'Again' })
  await outbox.query('DELETE FROM profile_changes')
  await store.social.createParty('party-again', character)
  const taken = []
  for (let caller = 0; caller < 4; caller++) taken.push(await store.social.takeProfileChanges(100, 0))
  expect(taken.map(({ characters }) => characters)).toEqual(Array(4).fill([character]))
  expect(taken.map(({ toSettle }) => toSettle.length)).toEqual([0, 1, 1, 1])
  await store.social.settleProfileChanges(taken.at(-1)?.toSettle ?? [])
  expect(await store.social.takeProfileChanges(100, 0)).toEqual({ characters: [], toSettle: [] })
})

it('S6: an import of friendships, blocks and changed characters leaves the outbox short, and a change of somebody in the world is seen within a second meanwhile', {
  timeout: 120_000,
}, async () => {
  await using world = await onMemory()
  const [parts] = world.parts as [Parts]
  const count = 4_000
  const nameOf = (n: number): string => `Crowd ${[...String(n)].map((digit) => 'bcdfghjkpq'[Number(digit)]).join('')}`
  const crowd = Array.from({ length: count }, (_, n) => ({ kind: 'character', character: `crowd-${n}`, account: `crowd-${n}`, name: nameOf(n) }) as const)
  await applyAll(crowd)
  const live = ['crowd-0', 'crowd-2000']
  for (const character of live) {
    await enter(parts, character, wish)
    await parts.directory.takeSeat('forest', 'forest-1', character, parts.clock.now())
    await parts.directory.setPresence({ character, map: 'forest', copy: 'forest-1', server: 's1', epoch: 1 })
    await store.claim(character, { copy: 'forest-1', server: 's1' })
  }
  const taken: CharacterId[] = []
  const counting: ProfileOutbox = {
    takeProfileChanges: async (limit, againAfterMs) => {
      const changes = await store.social.takeProfileChanges(limit, againAfterMs)
      taken.push(...changes.characters)
      return changes
    },
    settleProfileChanges: (toSettle) => store.social.settleProfileChanges(toSettle),
  }
  await using _sync = new ProfileSync(parts, counting)
  const server = watch(parts, 's1')
  const partyOf = async (character: CharacterId) => (await parts.directory.snapshot('forest')).seats.find((one) => one.seat.character === character)?.seat.party
  const importing = async (name: string, lines: readonly StudioLine[]): Promise<void> => {
    let running = true
    let longest = 0
    taken.length = 0
    server.words.length = 0
    const imported = applyAll(lines).finally(() => {
      running = false
    })
    const measured = (async () => {
      for (; running; await new Promise((resolve) => setTimeout(resolve, 5))) longest = Math.max(longest, await outboxLength())
    })()
    for (const character of live) {
      await store.social.createParty(`${name} ${character}`, character)
      await until(
        () => partyOf(character),
        (party) => party === `${name} ${character}`,
        1_000,
      )
    }
    await Promise.all([imported, measured])
    // A few entries of the two in the world, their party, and its repetition.
    expect(longest, name).toBeLessThan(50)
    expect(taken.length, name).toBeLessThan(50)
    expect(new Set(taken), name).toEqual(new Set(live))
    await until(
      async () => server.words,
      (words) => live.every((character) => words.includes(character)),
      1_000,
    )
  }
  const pairs = (apart: number) => crowd.map(({ character }, n) => [character, `crowd-${(n + apart) % count}`] as const)
  await importing(
    'friendships',
    [1, 2, 3, 5, 8].flatMap((apart) => pairs(apart).map((characters) => ({ kind: 'friendship', characters }) as const)),
  )
  expect((await store.profile('crowd-0'))?.friends).toHaveLength(10)
  await importing(
    'blocks',
    [1, 100].flatMap((apart) => pairs(apart).map(([character, blocked]) => ({ kind: 'block', character, blocked }) as const)),
  )
  expect(await store.profile('crowd-0')).toMatchObject({ friends: { length: 8 }, blocked: { length: 4 } })
  await importing(
    'unblocking',
    pairs(100).map(([character, blocked]) => ({ kind: 'block', character, blocked, remove: true }) as const),
  )
  await importing(
    'levels',
    crowd.map((one) => ({ ...one, attributes: { role: 'tank' }, languages: ['pt'] })),
  )
  const seat = async () => (await parts.directory.snapshot('forest')).seats.find((one) => one.seat.character === 'crowd-0')?.seat
  await until(seat, (one) => one?.attributes?.['role'] === 'tank' && one.language === 'pt', 1_000)
  server.stop()
})

it('S6: what changes between the seat and the claim is noted by the claim, and the seat has it within a second', async () => {
  await using world = await onMemory()
  const [parts] = world.parts as [Parts]
  await using _sync = new ProfileSync(parts, store.social)
  const seatOf = async (character: CharacterId) => (await parts.directory.snapshot('forest')).seats.find(({ seat }) => seat.character === character)?.seat
  const changes: [string, (character: CharacterId) => Promise<unknown>][] = [
    ['Between Ann', (character) => store.accounts.describeCharacter(character, { languages: ['pt'], attributes: { role: 'tank' } })],
    [
      'Between Ben',
      async (character) => {
        const account = (await store.profile(character))?.account ?? ''
        await applyAll([{ kind: 'character', character, account, name: 'Between Ben', languages: ['pt'], attributes: { role: 'tank' } }])
      },
    ],
  ]
  for (const [name, change] of changes) {
    const { character } = await makeCharacter(store, { name })
    await enter(parts, character, wish)
    await change(character)
    expect((await outbox.query('SELECT FROM profile_changes WHERE character = $1', [character])).rows).toEqual([])
    expect(await seatOf(character)).toMatchObject({ language: 'en' })
    await store.claim(character, { copy: 'forest-1', server: 's1' })
    await until(
      () => seatOf(character),
      (seat) => seat?.language === 'pt' && seat.attributes?.['role'] === 'tank',
      1_000,
    )
  }
})

it('S6: a character of a blocked account that enters while the block is being committed is noted after the commit', async () => {
  const [ann, ben] = [await makeCharacter(store, { name: 'Race Ann' }), await makeCharacter(store, { name: 'Race Ben' })]
  await applyAll([{ kind: 'character', character: 'race-cid', account: ben.account, name: 'Race Cid' }])
  for (const block of [
    () => store.social.block(ann.character, ben.character),
    () => applyAll([{ kind: 'block', character: ben.character, blocked: ann.character }]),
  ]) {
    await outbox.query('DELETE FROM profile_changes')
    await outbox.query(`UPDATE characters SET live_copy = NULL, live_server = NULL WHERE id = 'race-cid'`)
    // The transaction of the block waits for this request after its trigger has run, because it deletes it.
    await outbox.query('INSERT INTO friend_requests (sender, receiver, sent_at) VALUES ($1, $2, now())', [ann.character, ben.character])
    await outbox.query('BEGIN')
    await outbox.query('SELECT FROM friend_requests WHERE sender = $1 FOR UPDATE', [ann.character])
    const blocked = block()
    await new Promise((resolve) => setTimeout(resolve, 200))
    await store.claim('race-cid', { copy: 'forest-1', server: 's1' })
    expect((await store.profile('race-cid'))?.blocked).toBeUndefined()
    await outbox.query('COMMIT')
    await blocked
    expect((await outbox.query('SELECT character FROM profile_changes')).rows).toEqual([{ character: 'race-cid' }])
    await store.social.unblock(ann.character, ben.character)
  }
})

it('S6: the deletion of a character that is in the world, and the erasure of its account, are noted', async () => {
  const [dan, eve, far] = [
    await makeCharacter(store, { name: 'Gone Dan' }),
    await makeCharacter(store, { name: 'Gone Eve' }),
    await makeCharacter(store, { name: 'Gone Far' }),
  ]
  for (const { character } of [dan, eve]) await store.claim(character, { copy: 'forest-1', server: 's1' })
  await outbox.query('DELETE FROM profile_changes')
  await store.accounts.deleteCharacter(dan.character)
  await store.accounts.eraseAccount(eve.account)
  await store.accounts.deleteCharacter(far.character)
  expect((await store.social.takeProfileChanges(100, 3_600_000)).characters.toSorted()).toEqual([dan.character, eve.character])
})

/** As an import does, 1,000 lines at a time. */
async function applyAll(lines: readonly StudioLine[]): Promise<void> {
  for (let from = 0; from < lines.length; from += 1_000) {
    const refused = (await store.studio.apply(lines.slice(from, from + 1_000))).find(({ ok }) => !ok)
    if (refused !== undefined) throw new Error(JSON.stringify(refused))
  }
}

async function outboxLength(): Promise<number> {
  const { rows } = await outbox.query<{ count: string }>('SELECT count(*) FROM profile_changes')
  return Number(rows[0]?.count)
}
