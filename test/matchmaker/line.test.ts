import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CensusReplica } from '../../directory/censusReplica.ts'
import { leaveLine, pollLine } from '../../matchmaker/flows/pollLine.ts'
import { travel } from '../../matchmaker/flows/travel.ts'
import type { Parts } from '../../matchmaker/parts.ts'
import { Promotions, promoteHead } from '../../matchmaker/queue/promotions.ts'
import { LINE_REBUILD_MS } from '../../model/line.ts'
import type { LineAnswer } from '../../model/wire/matchmaker.ts'
import type { SocialProfile } from '../../store/store.ts'
import { storeOfFile } from '../storeOfFile.ts'
import { takeAndFreeSeat } from '../takeAndFreeSeat.ts'
import { enterAs, liveCensus, policyNamed, Realm } from './realm.ts'

const { store } = await storeOfFile()

const never = new AbortController().signal
const poll = (parts: Parts, { character }: SocialProfile, ticket: string, waitMs = 0) => pollLine(parts, character, ticket, { waitMs, signal: never })

async function lineOf(answer: Promise<object>): Promise<LineAnswer> {
  const result = (await answer) as { line?: LineAnswer }
  if (result.line === undefined) throw new Error(`not in line: ${JSON.stringify(result)}`)
  return result.line
}

/** A copy that is full at a soft cap of 3, and `count` players in line, in order. */
async function crowd(realm: Realm, parts: Parts, count: number, prefix: string): Promise<{ person: SocialProfile; line: LineAnswer }[]> {
  await realm.open('forest-1')
  for (const person of await realm.people(3, `${prefix} in`)) {
    await enterAs(parts, person)
    await realm.take('forest', 'forest-1', person.character)
  }
  const waiting: { person: SocialProfile; line: LineAnswer }[] = []
  for (const person of await realm.people(count, `${prefix} out`)) {
    waiting.push({ person, line: await lineOf(enterAs(parts, person)) })
    realm.clock.advance(1_000)
  }
  return waiting
}

async function oneLeaves(realm: Realm): Promise<void> {
  const { seats } = realm.directory.ledger('forest').snapshot()
  const gone = seats.find(({ seat }) => seat.state === 'taken')
  if (gone === undefined) throw new Error('nobody inside')
  await takeAndFreeSeat(realm.directory, 'forest', gone.copy, gone.seat.character)
}

describe('the line', () => {
  it('Q1: seats go in order of arrival, a place is promoted only with its seat held, and new players do not pass the line', async () => {
    await using realm = await Realm.create(store)
    const parts = realm.matchmaker()
    const waiting = await crowd(realm, parts, 3, 'Fifo')
    expect(await promoteHead(parts, 'forest')).toBe(0)
    await oneLeaves(realm)
    const late = await lineOf(realm.person('Fifo Late').then((person) => enterAs(parts, person)))
    expect(late).toMatchObject({ position: 3, length: 4 })
    expect(await promoteHead(parts, 'forest')).toBe(1)
    const [first, second] = waiting
    if (first === undefined || second === undefined) throw new Error('nobody waits')
    expect(await poll(parts, first.person, first.line.ticket)).toMatchObject({ seat: { copy: 'forest-1' } })
    expect(await poll(parts, second.person, second.line.ticket)).toMatchObject({ line: { position: 0, length: 3 } })
    expect(realm.seats()['forest-1']).toContain(first.person.name)
    expect(realm.decisions.at(-1)).toMatchObject({ kind: 'place', characters: [first.person.character], inputs: { waitedMs: 3_000 } })
  })

  it('Q1: promotions follow the order of arrival for any order of leaving and promoting through several matchmakers', async () => {
    const people = await (await Realm.create(store)).people(12, 'Random')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('leave', 'promote A', 'promote B', 'arrive'), { maxLength: 30 }), async (steps) => {
        await using realm = await Realm.create(store)
        const [a, b] = [realm.matchmaker(), realm.matchmaker()]
        await realm.open('forest-1')
        const order: string[] = []
        let next = 0
        const arrive = async () => {
          const person = people[next++]
          if (person === undefined) return
          if ('line' in (await enterAs(a, person))) order.push(person.character)
          else await realm.take('forest', 'forest-1', person.character)
          realm.clock.advance(10)
        }
        for (let n = 0; n < 6; n++) await arrive()
        for (const step of steps) {
          if (step === 'arrive') await arrive()
          else if (step === 'leave') await oneLeaves(realm).catch(() => undefined)
          else await promoteHead(step === 'promote A' ? a : b, 'forest')
        }
        const promoted = realm.decisions.filter(({ inputs }) => 'waitedMs' in inputs).map(({ characters }) => characters[0])
        expect(promoted).toEqual(order.slice(0, promoted.length))
        expect(realm.directory.ledger('forest').snapshot().seats.length).toBeLessThanOrEqual(3)
      }),
      { numRuns: 25 },
    )
  })

  it('Q2: a place survives a dropped connection for the grace time, also at another matchmaker', async () => {
    await using realm = await Realm.create(store)
    const waiting = await crowd(realm, realm.matchmaker(), 3, 'Grace')
    const [first, second] = waiting
    if (first === undefined || second === undefined) throw new Error('nobody waits')
    realm.clock.advance(60_000)
    const restarted = realm.matchmaker()
    const line = await lineOf(poll(restarted, second.person, second.line.ticket))
    expect(line.position).toBe(1)
    realm.clock.advance(100_000)
    await expect(poll(restarted, first.person, first.line.ticket)).rejects.toMatchObject({ code: 'LINE_UNKNOWN' })
    expect(await lineOf(poll(restarted, second.person, line.ticket))).toMatchObject({ position: 0 })
  })

  it('Q2: a player without the ticket who asks again keeps the place', async () => {
    await using realm = await Realm.create(store)
    const parts = realm.matchmaker()
    const [first, second] = await crowd(realm, parts, 2, 'Lost')
    if (first === undefined || second === undefined) throw new Error('nobody waits')
    const again = await lineOf(enterAs(parts, first.person))
    expect(again).toMatchObject({ position: 0, length: 2 })
    // The new ticket contains the original time of arrival, so the data loss does not move the place to the end.
    realm.directory.clear()
    await poll(parts, second.person, second.line.ticket)
    expect(await lineOf(poll(parts, first.person, again.ticket))).toMatchObject({ position: 0, length: 2 })
  })

  it('D1: clients restore the line in its old order after the directory lost its data, in any order of their polls', async () => {
    await using realm = await Realm.create(store)
    const parts = realm.matchmaker()
    const waiting = await crowd(realm, parts, 3, 'Emptied')
    realm.directory.clear()
    for (const { person, line } of waiting.toReversed()) await poll(parts, person, line.ticket)
    const head = await realm.directory.lineHead('forest', 9, realm.clock.now())
    expect(head.map(({ holders }) => holders[0]?.character)).toEqual(waiting.map(({ person }) => person.character))
  })

  it('D1: a long poll restores its place at once after the directory lost its data', async () => {
    await using realm = await Realm.create(store)
    const parts = realm.matchmaker()
    const waiting = await crowd(realm, parts, 3, 'Gap')
    const stop = new AbortController()
    const answers = waiting.map(({ person, line }) => pollLine(parts, person.character, line.ticket, { waitMs: 10_000, signal: stop.signal }))
    await new Promise((resolve) => setImmediate(resolve))
    realm.directory.clear()
    await expect.poll(() => realm.directory.ledger('forest').line.length, { timeout: 20_000 }).toBe(3)
    stop.abort()
    await Promise.all(answers)
  })

  it('Q1: a long poll is answered when the seat is held, by any matchmaker', async () => {
    await using realm = await Realm.create(store)
    const [a, b] = [realm.matchmaker(), realm.matchmaker()]
    const [first] = await crowd(realm, a, 1, 'Wake')
    if (first === undefined) throw new Error('nobody waits')
    const answer = poll(a, first.person, first.line.ticket, 10_000)
    await oneLeaves(realm)
    expect(await promoteHead(b, 'forest')).toBe(1)
    expect(await answer).toHaveProperty('seat')
  })

  it('Q1: a place for one full copy blocks no other place, and is promoted when that copy has room', async () => {
    await using realm = await Realm.create(store, policyNamed('forest', { capacity: { soft: 2, hard: 2, company: 0 }, placement: { chooseCopy: true } }))
    const parts = realm.matchmaker()
    await realm.open('forest-1')
    const [one, two, picky, plain] = await realm.people(4, 'Picky')
    if (one === undefined || two === undefined || picky === undefined || plain === undefined) throw new Error('nobody')
    for (const person of [one, two]) {
      await enterAs(parts, person)
      await realm.take('forest', 'forest-1', person.character)
    }
    const wants = await lineOf(enterAs(parts, picky, { copy: 'forest-1' }))
    realm.clock.advance(1)
    const waits = await lineOf(enterAs(parts, plain))
    await realm.open('forest-2')
    expect(await promoteHead(parts, 'forest')).toBe(1)
    expect(await poll(parts, plain, waits.ticket)).toMatchObject({ seat: { copy: 'forest-2' } })
    expect(await poll(parts, picky, wants.ticket)).toHaveProperty('line')
    await takeAndFreeSeat(realm.directory, 'forest', 'forest-1', one.character)
    expect(await promoteHead(parts, 'forest')).toBe(1)
    expect(await poll(parts, picky, wants.ticket)).toMatchObject({ seat: { copy: 'forest-1' } })
  })

  it('Q1: new players do not pass the line while clients restore it', async () => {
    await using realm = await Realm.create(store)
    const setUp = realm.matchmaker()
    const [first] = await crowd(realm, setUp, 2, 'Emptied')
    if (first === undefined) throw new Error('nobody waits')
    await using replica = await CensusReplica.follow(realm.directory, realm.clock)
    const parts = realm.matchmaker(() => replica.census())
    const { copies, seats } = await realm.directory.snapshot('forest')
    realm.directory.clear()
    // The server restores the copy. One of the players inside has left by then.
    for (const report of liveCensus(realm.directory, realm.clock, [])().servers.values()) await realm.directory.reportServer(report)
    const stayed = seats.slice(1).map(({ seat }) => ({ ...seat, state: 'taken' as const, since: realm.clock.now() }))
    for (const copy of copies) await realm.directory.restoreCopy(copy, stayed)
    await replica.refresh()
    // For a party the matchmaker may ask the directory itself, which knows no line now.
    for (const newcomer of [...(await realm.partyOf(2, 'Emptied')), await realm.person('Emptied Late')]) await lineOf(enterAs(parts, newcomer))
    await poll(parts, first.person, first.line.ticket)
    expect(await promoteHead(parts, 'forest')).toBe(1)
    expect(await poll(parts, first.person, first.line.ticket)).toMatchObject({ seat: { copy: 'forest-1' } })
  })

  it('Q1: a matchmaker started after the data loss lets nobody pass either, neither new players nor places restored first', async () => {
    await using realm = await Realm.create(store)
    const [first, second] = await crowd(realm, realm.matchmaker(), 2, 'Begun')
    if (first === undefined || second === undefined) throw new Error('nobody waits')
    const { copies, seats } = await realm.directory.snapshot('forest')
    realm.directory.clear()
    const report = async (): Promise<void> => {
      for (const server of liveCensus(realm.directory, realm.clock, [])().servers.values()) await realm.directory.reportServer(server)
    }
    await report()
    const stayed = seats.slice(1).map(({ seat }) => ({ ...seat, state: 'taken' as const, since: realm.clock.now() }))
    for (const copy of copies) await realm.directory.restoreCopy({ ...copy, restored: realm.clock.now() }, stayed)
    realm.clock.advance(1_000)
    await using replica = await CensusReplica.follow(realm.directory, realm.clock)
    const parts = realm.matchmaker(() => replica.census())
    await using _promotions = new Promotions(parts)
    await lineOf(enterAs(parts, await realm.person('Begun Late')))
    await poll(parts, second.person, second.line.ticket)
    realm.clock.advance(LINE_REBUILD_MS - 2_000)
    await report()
    await poll(parts, first.person, first.line.ticket)
    realm.clock.advance(1_000)
    await expect.poll(() => poll(parts, first.person, first.line.ticket)).toMatchObject({ seat: { copy: 'forest-1' } })
    expect(await poll(parts, second.person, second.line.ticket)).toHaveProperty('line')
  })

  it('P1: a party has one place and gets all its seats at once, or none', async () => {
    await using realm = await Realm.create(store)
    const parts = realm.matchmaker()
    await crowd(realm, parts, 0, 'Party')
    const party = await realm.partyOf(2, 'Waiting')
    const [leader, second] = party
    if (leader === undefined || second === undefined) throw new Error('no party')
    const line = await lineOf(enterAs(parts, leader, { map: 'forest', wholeParty: true }))
    expect(line).toMatchObject({ position: 0, length: 1 })
    await oneLeaves(realm)
    expect(await promoteHead(parts, 'forest')).toBe(0)
    await oneLeaves(realm)
    expect(await promoteHead(parts, 'forest')).toBe(1)
    expect(await poll(parts, leader, line.ticket)).toMatchObject({ seat: { copy: 'forest-1' } })
    expect(await enterAs(parts, second)).toMatchObject({ seat: { copy: 'forest-1' } })
    expect(realm.seats()['forest-1']).toHaveLength(3)
  })

  it('Q1, P1: while a party gathers seats in one copy, those behind it get the seats of other copies; several parties gather at once', async () => {
    await using realm = await Realm.create(store)
    const parts = realm.matchmaker()
    const copies = ['forest-1', 'forest-2', 'forest-3', 'forest-4']
    for (const copy of copies) await realm.open(copy)
    const inside = await realm.people(12, 'Gather in')
    for (const [index, person] of inside.entries()) {
      const copy = copies[Math.floor(index / 3)] ?? ''
      const holders = [{ character: person.character, entity: person.entity, name: person.name, language: 'en' }]
      const now = realm.clock.now()
      await realm.directory.holdSeats({ map: 'forest', holders, options: [{ copy, limit: 3 }], now, deadline: now + 15_000 })
      await realm.take('forest', copy, person.character)
    }
    const three = await realm.partyOf(3, 'Gather three')
    const two = await realm.partyOf(2, 'Gather two')
    const lines = new Map<string, LineAnswer>()
    for (const [leader] of [three, two]) if (leader) lines.set(leader.character, await lineOf(enterAs(parts, leader, { map: 'forest', wholeParty: true })))
    const singles = await realm.people(8, 'Gather single')
    for (const single of singles) {
      realm.clock.advance(1_000)
      lines.set(single.character, await lineOf(enterAs(parts, single)))
    }
    const isInside = (person: SocialProfile | undefined): boolean =>
      Object.values(realm.seats())
        .flat()
        .includes(person?.name ?? '')
    // One seat comes free at a time, over all copies in turn. The matchmaker sees it and promotes whom it can.
    const seated: string[] = []
    for (let second = 0; second < 12; second++) {
      const person = inside[(second % 4) * 3 + Math.floor(second / 4)]
      if (person === undefined) throw new Error('nobody leaves')
      await takeAndFreeSeat(realm.directory, 'forest', copies[second % 4] ?? '', person.character)
      realm.clock.advance(1_000)
      await promoteHead(parts, 'forest')
      for (const [name, who] of [['three', three[0]], ['two', two[0]], ...singles.map((single) => ['single', single] as const)] as const)
        if (isInside(who) && !seated.includes(`${name} ${who?.name}`)) seated.push(`${name} ${who?.name}`)
    }
    const order = seated.map((text) => text.split(' ')[0])
    expect(order.filter((name) => name === 'single').length).toBe(7)
    // The first seats beside those of the two copies that gather go to the first singles in line.
    expect(order.slice(0, 2)).toEqual(['single', 'single'])
    expect(order.indexOf('two')).toBeLessThan(7)
    expect(order.indexOf('three')).toBeGreaterThan(0)
    expect(seated.filter((text) => text.startsWith('single')).map((text) => text.slice(7))).toEqual(singles.slice(0, 7).map(({ name }) => name))
  })

  it('P1: a waiting player whose party got in follows it without waiting behind strangers', async () => {
    await using realm = await Realm.create(store)
    const parts = realm.matchmaker()
    await crowd(realm, parts, 2, 'Follow')
    const [leader, second] = await realm.partyOf(2, 'Following')
    if (leader === undefined || second === undefined) throw new Error('no party')
    const line = await lineOf(enterAs(parts, second))
    // Another matchmaker held a seat above the soft cap for the leader.
    await realm.directory.holdSeats({
      map: 'forest',
      holders: [{ character: leader.character, entity: leader.entity, name: leader.name, language: 'en', party: leader.party ?? '' }],
      options: [{ copy: 'forest-1', limit: 5 }],
      now: realm.clock.now(),
      deadline: realm.clock.now() + 15_000,
    })
    expect(await poll(parts, second, line.ticket)).toMatchObject({ seat: { copy: 'forest-1' } })
    expect(await realm.directory.linePosition('forest', second.character, realm.clock.now())).toBeUndefined()
  })

  it('a travelling player who waits in line while playing is moved when the turn comes', async () => {
    await using realm = await Realm.create(store, policyNamed('forest'), policyNamed('hills'))
    const parts = realm.matchmaker()
    await crowd(realm, parts, 0, 'Voyage')
    await realm.open('hills-1', 'hills')
    const ada = await realm.person('Voyage Ada')
    await enterAs(parts, ada, { map: 'hills' })
    await realm.take('hills', 'hills-1', ada.character)
    const line = await lineOf(travel(parts, ada.character, { protocol: 1, wholeParty: false, rankIn: () => 0, map: 'forest' }))
    await oneLeaves(realm)
    expect(await promoteHead(parts, 'forest')).toBe(1)
    expect(await poll(parts, ada, line.ticket)).toMatchObject({ move: { map: 'forest', copy: 'forest-1', members: [ada.character] } })
    expect(await realm.directory.movesFor('s1')).toMatchObject([{ cause: 'travel', from: { copy: 'hills-1' }, to: { copy: 'forest-1' } }])
  })

  it('S4: giving up a promoted travel frees the seat before the move is ordered, and keeps it after', async () => {
    await using realm = await Realm.create(store, policyNamed('forest'), policyNamed('hills'))
    const parts = realm.matchmaker()
    await crowd(realm, parts, 0, 'Waver')
    await realm.open('hills-1', 'hills')
    const [early, late] = await realm.people(2, 'Waver traveller')
    if (early === undefined || late === undefined) throw new Error('nobody travels')
    const turn = async (person: SocialProfile): Promise<string> => {
      await enterAs(parts, person, { map: 'hills' })
      await realm.take('hills', 'hills-1', person.character)
      const line = await lineOf(travel(parts, person.character, { protocol: 1, wholeParty: false, rankIn: () => 0, map: 'forest' }))
      await oneLeaves(realm)
      expect(await promoteHead(parts, 'forest')).toBe(1)
      return line.ticket
    }
    const seatOf = (character: string) =>
      realm.directory
        .ledger('forest')
        .snapshot()
        .seats.find(({ seat }) => seat.character === character)?.seat
    const lateTicket = await turn(late)
    expect(await poll(parts, late, lateTicket)).toMatchObject({ move: { copy: 'forest-1' } })
    await leaveLine(parts, late.character, lateTicket)
    const [order] = await realm.directory.movesFor('s1')
    expect(seatOf(late.character)).toMatchObject({ state: 'held', deadline: order?.to.heldUntil })

    const earlyTicket = await turn(early)
    const { holdSeats } = realm.directory
    realm.directory.holdSeats = async (request) => {
      // The seat of the place is still held, but its player has given up.
      await leaveLine(parts, early.character, earlyTicket)
      return holdSeats.call(realm.directory, request)
    }
    await expect(poll(parts, early, earlyTicket)).rejects.toMatchObject({ code: 'LINE_UNKNOWN' })
    expect(seatOf(early.character)).toBeUndefined()
    expect(await realm.directory.movesFor('s1')).toHaveLength(1)
  })

  it('Q1: seats of a contested map go to guilds in proportion, in order of arrival within a guild', async () => {
    await using realm = await Realm.create(store, policyNamed('forest', { capacity: { soft: 3, hard: 3, company: 0 }, queue: { share: 'guild' } }))
    const parts = realm.matchmaker()
    await crowd(realm, parts, 0, 'Contest')
    const arrive = async (name: string, guild?: string): Promise<void> => {
      await lineOf(realm.person(name, guild === undefined ? {} : { guild }).then((person) => enterAs(parts, person)))
      realm.clock.advance(10)
    }
    // Six members of one guild arrive first, then three of another. No member of either is inside.
    for (let n = 0; n < 6; n++) await arrive(`Zerg ${n}`, 'Zerg')
    for (let n = 0; n < 3; n++) await arrive(`Band ${n}`, 'Band')
    for (let n = 0; n < 3; n++) await oneLeaves(realm)
    expect(await promoteHead(parts, 'forest')).toBe(3)
    const served = realm.decisions.filter(({ inputs }) => 'waitedMs' in inputs).map(({ characters }) => characters[0])
    const names = new Map((await store.profiles(served.flatMap((one) => one ?? []))).map(({ character, name }) => [character, name]))
    expect(served.map((one) => names.get(one ?? ''))).toEqual(['Zerg 0', 'Zerg 1', 'Band 0'])
  })

  it('the line leaves the margin free and admits at most the policy’s number per second', async () => {
    const queue = { admit: { perSecond: 2, margin: 1 } }
    await using realm = await Realm.create(store, policyNamed('forest', { capacity: { soft: 6, hard: 6, company: 0 }, queue }))
    const parts = realm.matchmaker()
    for (const person of await realm.people(6, 'Margin')) await lineOf(enterAs(parts, person))
    await realm.open('forest-1')
    expect(await promoteHead(parts, 'forest')).toBe(2)
    realm.clock.advance(1_000)
    expect(await promoteHead(parts, 'forest')).toBe(2)
    realm.clock.advance(1_000)
    expect(await promoteHead(parts, 'forest')).toBe(1)
    realm.clock.advance(5_000)
    expect(await promoteHead(parts, 'forest')).toBe(0)
    expect(realm.seats()['forest-1']).toHaveLength(5)
  })

  it('X1: refuses a forged line ticket and one of another character; giving up frees the place', async () => {
    await using realm = await Realm.create(store)
    const parts = realm.matchmaker()
    const [first, second] = await crowd(realm, parts, 2, 'Forge')
    if (first === undefined || second === undefined) throw new Error('nobody waits')
    const [head, body] = first.line.ticket.split('.')
    await expect(poll(parts, first.person, `${head}.${body}.AAAA`)).rejects.toMatchObject({ code: 'LINE_UNKNOWN' })
    await expect(poll(parts, second.person, first.line.ticket)).rejects.toMatchObject({ code: 'LINE_UNKNOWN' })
    await leaveLine(parts, first.person.character, first.line.ticket)
    expect(await lineOf(poll(parts, second.person, second.line.ticket))).toMatchObject({ position: 0, length: 1 })
  })

  it('S4: giving up at the moment of promotion leaves no held seat', async () => {
    await using realm = await Realm.create(store)
    const parts = realm.matchmaker()
    const [first] = await crowd(realm, parts, 1, 'Quitter')
    if (first === undefined) throw new Error('nobody waits')
    await realm.open('forest-2')
    const { leaveLine: leave } = realm.directory
    realm.directory.leaveLine = async (map, id) => {
      // Another matchmaker promotes the place a moment earlier.
      expect(await promoteHead(parts, 'forest')).toBe(1)
      await leave.call(realm.directory, map, id)
    }
    await leaveLine(parts, first.person.character, first.line.ticket)
    expect(realm.seats()['forest-2'] ?? []).toEqual([])
  })
})
