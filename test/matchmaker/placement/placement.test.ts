import { describe, expect, it } from 'vitest'
import type { DirectoryEvent } from '../../../directory/directory.ts'
import { pollLine } from '../../../matchmaker/flows/pollLine.ts'
import { travel } from '../../../matchmaker/flows/travel.ts'
import { CLAIM_TIMEOUT_MS } from '../../../model/move.ts'
import { verifyTicket } from '../../../model/ticket/ticket.ts'
import { signPermit } from '../../../service/keys/permit.ts'
import { createSealKeys, openTicket } from '../../../service/keys/sealedTickets.ts'
import { createServerSecret } from '../../../store/gameServers.ts'
import { createStore } from '../../../store/postgresStore.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { enterAs, liveCensus, policyNamed, Realm } from '../realm.ts'

const { store, url } = await storeOfFile()

const seatOf = async (answer: ReturnType<typeof enterAs>) => {
  const result = await answer
  if (!('seat' in result)) throw new Error(`in line: ${JSON.stringify(result)}`)
  return result.seat
}
/** Somebody who plays in a copy of the forest, while a copy of the hills is open. */
async function playingBeforeHills(realm: Realm, name: string) {
  await realm.open('forest-1')
  await realm.open('hills-1', 'hills')
  const parts = realm.matchmaker()
  const [ada] = await realm.people(1, name)
  if (ada === undefined) throw new Error('nobody')
  await seatOf(enterAs(parts, ada))
  await realm.take('forest', 'forest-1', ada.character)
  return { parts, ada }
}
const wish = (rest: object) => ({ protocol: 1, wholeParty: false, rankIn: () => 0, ...rest })

describe('enter', () => {
  it('S5, P2: answers the address and a ticket for exactly the held seat, and records the decision', async () => {
    await using realm = await Realm.create(store)
    await realm.open('forest-1')
    const parts = realm.matchmaker()
    const ada = await realm.person('Enter Ada')
    const seat = await seatOf(enterAs(parts, ada))
    expect(seat).toMatchObject({ address: 'ws://127.0.0.1:7001', map: 'forest', copy: 'forest-1', expires: realm.clock.now() + 15_000 })
    const ticket = await verifyTicket(seat.ticket, parts.keys.ticketPublic, realm.clock.now())
    expect(ticket).toMatchObject({ copy: 'forest-1', holder: { character: ada.character, entity: ada.entity }, expires: seat.expires })
    // The permit outlasts the ticket by the time that a claim may take.
    const of = { character: ada.character, copy: 'forest-1', server: 's1', until: seat.expires + 30_000 }
    expect(ticket.permit).toBe(signPermit(await store.permitKey(), of))
    expect(realm.decisions).toMatchObject([
      { kind: 'place', copy: 'forest-1', characters: [ada.character], policyVersion: 'v1', candidates: [{ copy: 'forest-1' }] },
    ])
  })

  it('P1: a party entering at once through matchmakers with stale replicas gets seats in one copy', async () => {
    await using realm = await Realm.create(store)
    for (const copy of ['forest-1', 'forest-2', 'forest-3']) await realm.open(copy)
    // Each matchmaker's replica shows another copy, and does not update.
    const stale = liveCensus(realm.directory, realm.clock, ['forest'])()
    const members = await realm.partyOf(4, 'Race')
    const seats = await Promise.all(
      members.map((member, index) => {
        const map = stale.maps.get('forest')
        const turned = [...(map?.copies ?? [])].filter(([copy]) => copy === `forest-${(index % 3) + 1}` || index === 3)
        const maps = new Map([['forest', { map: 'forest', copies: new Map(turned), waiting: 0 }]])
        return seatOf(
          enterAs(
            realm.matchmaker(() => ({ ...stale, maps })),
            member,
          ),
        )
      }),
    )
    expect(new Set(seats.map(({ copy }) => copy)).size).toBe(1)
  })

  it('P1: wholeParty holds one seat for each absent member, who gets it on entering', async () => {
    await using realm = await Realm.create(store)
    await realm.open('forest-1')
    await realm.open('forest-2')
    const parts = realm.matchmaker()
    const [leader, second, third] = await realm.partyOf(3, 'Whole')
    if (leader === undefined || second === undefined || third === undefined) throw new Error('no party')
    const { copy } = await seatOf(enterAs(parts, leader, { map: 'forest', wholeParty: true }))
    expect(realm.seats()[copy]).toHaveLength(3)
    for (const member of [second, third]) expect((await seatOf(enterAs(parts, member))).copy).toBe(copy)
    expect(Object.values(realm.seats()).flat()).toHaveLength(3)
  })

  it('P3: strangers wait at the soft cap, a friend passes them into a seat above it, and the hard cap limits everybody', async () => {
    await using realm = await Realm.create(store)
    await realm.open('forest-1')
    const parts = realm.matchmaker()
    for (const stranger of await realm.people(3, 'Soft')) await seatOf(enterAs(parts, stranger))
    const [waiting] = await realm.people(1, 'Waits')
    if (waiting === undefined) throw new Error('nobody')
    expect(await enterAs(parts, waiting)).toMatchObject({ line: { map: 'forest', position: 0, length: 1, waitMs: 'unknown' } })
    const friend = await realm.person('Soft Friend', { friends: ['Soft 0'] })
    await seatOf(enterAs(parts, friend))
    const joining = await realm.person('Joins Friend', { friends: ['Soft 1'] })
    await seatOf(enterAs(parts, joining, { friend: 'Soft 1' }))
    expect(realm.seats()['forest-1']).toHaveLength(5)
    const late = await realm.person('Late Friend', { friends: ['Soft 2'] })
    expect(await enterAs(parts, late, { friend: 'Soft 2' })).toHaveProperty('line')
    expect(realm.seats()['forest-1']).toHaveLength(5)
    expect(realm.decisions.map(({ kind }) => kind)).toEqual(['place', 'place', 'place', 'wait', 'place', 'place', 'wait'])
  })

  it('a dropped connection gets the same copy again, and no second seat', async () => {
    await using realm = await Realm.create(store)
    await realm.open('forest-1')
    await realm.open('forest-2')
    const parts = realm.matchmaker()
    const [ada] = await realm.people(1, 'Drops')
    if (ada === undefined) throw new Error('nobody')
    const first = await seatOf(enterAs(parts, ada))
    await realm.take('forest', first.copy, ada.character)
    const again = await seatOf(enterAs(parts, ada))
    expect(again.copy).toBe(first.copy)
    expect(again.ticket).not.toBe(first.ticket)
    expect(Object.values(realm.seats()).flat()).toHaveLength(1)
  })

  it('P1: a player whose party changed the copy during an absence joins the party', async () => {
    await using realm = await Realm.create(store)
    await realm.open('forest-1')
    const parts = realm.matchmaker()
    const [gone, other] = await realm.partyOf(2, 'Gone')
    if (gone === undefined || other === undefined) throw new Error('no party')
    await seatOf(enterAs(parts, gone))
    await realm.take('forest', 'forest-1', gone.character)
    await realm.open('forest-2')
    const { clock, directory } = realm
    const holders = [{ character: other.character, entity: other.entity, name: other.name, language: 'en', party: other.party ?? '' }]
    await directory.holdSeats({ map: 'forest', holders, options: [{ copy: 'forest-2', limit: 5 }], now: clock.now(), deadline: clock.now() + 60_000 })
    clock.advance(20_000)
    expect((await seatOf(enterAs(parts, gone))).copy).toBe('forest-2')
  })

  it('S4: entering another map gives back an untaken seat at once', async () => {
    await using realm = await Realm.create(store, policyNamed('forest'), policyNamed('hills'))
    await realm.open('forest-1')
    await realm.open('hills-1', 'hills')
    const parts = realm.matchmaker()
    const [ada] = await realm.people(1, 'Changes')
    if (ada === undefined) throw new Error('nobody')
    await seatOf(enterAs(parts, ada))
    await seatOf(enterAs(parts, ada, { map: 'hills' }))
    expect(realm.seats('forest')['forest-1']).toEqual([])
    expect(realm.seats('hills')['hills-1']).toEqual([ada.name])
  })

  it('X1: refuses impossible requests by their error codes, and holds no seat', async () => {
    await using realm = await Realm.create(store, policyNamed('forest', { queue: { max: 1 } }), policyNamed('cave', { kind: 'instance' }))
    await realm.open('forest-1')
    const parts = realm.matchmaker()
    await realm.person('Offline Bob')
    const ada = await realm.person('Wrong Ada', { friends: ['Offline Bob'] })
    await realm.person('Wrong Stranger')
    const code = (options: object) =>
      enterAs(parts, ada, options).then(
        () => 'no error',
        (error: { code: string }) => error.code,
      )
    expect(await code({ map: 'atlantis' })).toBe('MAP_UNKNOWN')
    expect(await code({ friend: 'Offline Bob' })).toBe('FRIEND_OFFLINE')
    expect(await code({ friend: 'Wrong Stranger' })).toBe('FRIEND_OFFLINE')
    expect(await code({ friend: 'Nobody At All' })).toBe('FRIEND_OFFLINE')
    expect(await code({ copy: 'forest-1' })).toBe('COPY_CHOICE_FORBIDDEN')
    expect(await code({ copy: 'forest-9' })).toBe('COPY_UNKNOWN')
    expect(await code({ map: 'cave' })).toBe('BAD_REQUEST')
    expect(await code({ instance: 'cave' })).toBe('BAD_REQUEST')
    expect(await code({ map: 'forest', protocol: 9 })).toBe('PROTOCOL_UNSUPPORTED')
    expect(realm.seats()['forest-1']).toEqual([])
    expect(realm.decisions).toMatchObject([{ kind: 'refuse', inputs: { code: 'PROTOCOL_UNSUPPORTED' } }])
  })

  it('P4: a character saved by a newer release is placed in a copy that reads its state, and refused when there is none', async () => {
    await using realm = await Realm.create(store)
    const parts = realm.matchmaker()
    const [ada, bob] = await realm.people(2, 'Newer')
    if (ada === undefined || bob === undefined) throw new Error('nobody')
    const { epoch } = await store.claim(ada.character, { copy: 'elsewhere', server: 's1' })
    await store.leave(ada.character, epoch, {}, 2)
    await realm.open('forest-1', 'forest', { states: { writes: 1, reads: 1 } })
    await expect(enterAs(parts, ada)).rejects.toMatchObject({ code: 'STATE_TOO_NEW', details: { version: 2 } })
    expect(await enterAs(parts, bob)).toMatchObject({ seat: { copy: 'forest-1' } })
    await realm.open('forest-2', 'forest', { states: { writes: 1, reads: 2 } })
    expect(await enterAs(parts, ada)).toMatchObject({ seat: { copy: 'forest-2' } })
    expect(realm.decisions.at(-1)?.candidates).toContainEqual(expect.objectContaining({ copy: 'forest-1', filtered: 'state version' }))
  })

  it('P4: a travelling character has the state version that the left copy writes, not the one saved last', async () => {
    await using realm = await Realm.create(store, policyNamed('forest'), policyNamed('hills'))
    const parts = realm.matchmaker()
    const [ada] = await realm.people(1, 'Travelling')
    if (ada === undefined) throw new Error('nobody')
    await realm.open('forest-1', 'forest', { states: { writes: 2, reads: 2 } })
    await realm.open('hills-1', 'hills', { states: { writes: 1, reads: 1 } })
    await enterAs(parts, ada)
    await realm.take('forest', 'forest-1', ada.character)
    await expect(travel(parts, ada.character, wish({ map: 'hills' }))).rejects.toMatchObject({ code: 'STATE_TOO_NEW' })
    await realm.open('hills-2', 'hills', { states: { writes: 1, reads: 2 } })
    expect(await travel(parts, ada.character, wish({ map: 'hills' }))).toMatchObject({ move: { copy: 'hills-2' } })
  })

  it('X1: refuses a region without a copy, and a latency above the maximum', async () => {
    await using realm = await Realm.create(store, policyNamed('forest', { placement: { maxLatency: '100ms' } }))
    await realm.open('forest-1')
    const census = liveCensus(realm.directory, realm.clock, ['forest'])
    // The only server is in Europe.
    const parts = realm.matchmaker(() => {
      const now = census()
      return { ...now, servers: new Map([...now.servers].map(([id, report]) => [id, { ...report, region: 'eu' }])) }
    })
    const [ada] = await realm.people(1, 'Region')
    if (ada === undefined) throw new Error('nobody')
    await expect(enterAs(parts, ada, { map: 'forest', region: 'us' })).rejects.toMatchObject({ code: 'REGION_UNAVAILABLE' })
    await expect(enterAs(parts, ada, { map: 'forest', latencyMs: { eu: 180 } })).rejects.toMatchObject({ code: 'REGION_UNAVAILABLE' })
    expect(realm.decisions.map(({ kind, candidates }) => [kind, candidates[0]?.filtered])).toEqual([
      ['refuse', 'region'],
      ['refuse', 'latency'],
    ])
    expect((await seatOf(enterAs(parts, ada, { map: 'forest', region: 'eu', latencyMs: { eu: 20 } }))).copy).toBe('forest-1')
  })

  it('P2: a full line refuses at once, with a decision', async () => {
    await using realm = await Realm.create(store, policyNamed('forest', { queue: { max: 1 } }))
    const parts = realm.matchmaker()
    const [first, second] = await realm.people(2, 'Max')
    if (first === undefined || second === undefined) throw new Error('nobody')
    expect(await enterAs(parts, first)).toHaveProperty('line')
    await expect(enterAs(parts, second)).rejects.toMatchObject({ code: 'LINE_FULL', details: { max: 1 } })
    expect(realm.decisions.at(-1)).toMatchObject({ kind: 'refuse', characters: [second.character], inputs: { code: 'LINE_FULL' } })
  })

  it('only its party enters an instance', async () => {
    await using realm = await Realm.create(store, policyNamed('cave', { kind: 'instance' }))
    const [member] = await realm.partyOf(2, 'Cave')
    const [other] = await realm.partyOf(2, 'Other cave')
    if (member?.party === undefined || other === undefined) throw new Error('no party')
    await realm.open('cave-1', 'cave', { party: member.party })
    const parts = realm.matchmaker()
    expect((await seatOf(enterAs(parts, member, { instance: 'cave' }))).copy).toBe('cave-1')
    expect(await enterAs(parts, other, { instance: 'cave' })).toMatchObject({ line: { map: 'cave', position: 0 } })
    expect(realm.seats('cave')).toEqual({ 'cave-1': [member.name] })
  })
})

describe('travel', () => {
  it('P1: party members in the same copy travel in one move, each with a ticket that names the move', async () => {
    await using realm = await Realm.create(store, policyNamed('forest'), policyNamed('hills'))
    await realm.open('forest-1')
    await realm.open('hills-1', 'hills')
    await realm.open('hills-2', 'hills')
    const parts = realm.matchmaker()
    const [leader, second, elsewhere] = await realm.partyOf(3, 'Travel')
    if (leader === undefined || second === undefined || elsewhere === undefined) throw new Error('no party')
    for (const member of [leader, second]) {
      await seatOf(enterAs(parts, member))
      await realm.take('forest', 'forest-1', member.character)
    }
    const answer = await travel(parts, leader.character, wish({ map: 'hills' }))
    if (!('move' in answer)) throw new Error('in line')
    expect(answer.move.members.sort()).toEqual([leader.character, second.character].sort())
    expect(realm.seats('hills')[answer.move.copy]).toHaveLength(2)
    const [order] = await realm.directory.movesFor('s1')
    expect(order).toMatchObject({
      id: answer.move.id,
      cause: 'travel',
      party: leader.party,
      from: { copy: 'forest-1', server: 's1' },
      to: { copy: answer.move.copy },
    })
    for (const { character, ticket } of order?.members ?? []) {
      expect(await verifyTicket(ticket, parts.keys.ticketPublic, realm.clock.now())).toMatchObject({
        move: answer.move.id,
        holder: { character },
        copy: answer.move.copy,
      })
    }
    expect(realm.decisions.at(-1)).toMatchObject({ kind: 'move', map: 'hills', inputs: { from: 'forest-1' } })
    await expect(travel(parts, second.character, wish({ map: 'hills' }))).rejects.toMatchObject({ code: 'MOVE_IN_PROGRESS' })
    await expect(travel(parts, elsewhere.character, wish({ map: 'hills' }))).rejects.toMatchObject({ code: 'NOT_IN_WORLD' })
  })

  it('a leader takes along the members who agreed to follow and asks the others; a member takes nobody along', async () => {
    await using realm = await Realm.create(store, policyNamed('forest'), policyNamed('hills'))
    await realm.open('forest-1')
    await realm.open('hills-1', 'hills')
    const parts = realm.matchmaker()
    const [leader, follows, asked] = await realm.partyOf(3, 'Consent')
    if (leader === undefined || follows === undefined || asked === undefined) throw new Error('no party')
    await store.accounts.describeCharacter(asked.character, { settings: { follow: 'ask' } })
    for (const member of [leader, follows, asked]) {
      await seatOf(enterAs(parts, member))
      await realm.take('forest', 'forest-1', member.character)
    }
    const words: DirectoryEvent[] = []
    realm.directory.onEvent((event) => void words.push(event))
    const offers = () => words.flatMap((event) => (event.type === 'tellPlayer' ? [[event.character, event.notice]] : []))
    const offer = (from: { character: string; name: string }) => ({ about: 'follow', from: { character: from.character, name: from.name }, map: 'hills' })

    const alone = await travel(parts, follows.character, wish({ map: 'hills' }))
    expect(alone).toMatchObject({ move: { members: [follows.character] } })
    expect(new Map(offers() as [string, object][])).toMatchObject(new Map([leader, asked].map(({ character }) => [character, offer(follows)])))
    for (const { id, cause, members, to } of await realm.directory.movesFor('s1')) {
      await realm.directory.settleMove('s1', { id, cause, state: 'failed', members: members.length })
      for (const { character } of members) await realm.directory.giveBackSeat(to.map, to.copy, character, to.heldUntil)
    }

    words.length = 0
    expect(await travel(parts, leader.character, wish({ map: 'hills' }))).toMatchObject({ move: { members: [leader.character, follows.character] } })
    expect(offers()).toMatchObject([[asked.character, offer(leader)]])
    // The one who was asked follows while the leader is still on its way.
    expect(await travel(parts, asked.character, wish({ friend: leader.name }))).toMatchObject({ move: { copy: 'hills-1', members: [asked.character] } })
    expect(realm.seats('hills')['hills-1']).toHaveLength(3)
  })

  it('P1: a raid of 50 is placed as one in a copy with room, and a map with smaller parties refuses it', { timeout: 60_000 }, async () => {
    const large = { capacity: { soft: 60, hard: 80, company: 5 }, parties: { max: 50 } }
    await using realm = await Realm.create(store, policyNamed('forest', large), policyNamed('town'), policyNamed('cave', { kind: 'instance' }))
    for (const copy of ['forest-1', 'forest-2']) await realm.open(copy)
    await realm.open('town-1', 'town')
    const parts = realm.matchmaker()
    for (const person of await realm.people(8, 'Crowd')) await seatOf(enterAs(parts, person))
    const [leader, ...others] = await realm.partyOf(50, 'Raid')
    if (leader === undefined) throw new Error('no raid')
    await expect(enterAs(parts, leader, { map: 'town', wholeParty: true })).rejects.toMatchObject({ code: 'PARTY_TOO_LARGE', details: { limit: 5, size: 50 } })
    const seat = await seatOf(enterAs(parts, leader, { map: 'forest', wholeParty: true }))
    const raid = new Set([leader, ...others].map(({ name }) => name))
    expect(realm.seats()[seat.copy]?.filter((name) => raid.has(name))).toHaveLength(50)
    await expect(enterAs(parts, others[0] ?? leader, { instance: 'cave' })).rejects.toMatchObject({ code: 'PARTY_TOO_LARGE' })
    expect(realm.decisions.at(-1)).toMatchObject({ kind: 'refuse', inputs: { code: 'PARTY_TOO_LARGE' } })
    expect(await seatOf(enterAs(parts, others[1] ?? leader, { map: 'town' }))).toMatchObject({ copy: 'town-1' })
  })

  it('Q2: the line ticket of a raid fits into a header, and restores its place', async () => {
    await using realm = await Realm.create(store, policyNamed('forest', { capacity: { soft: 60, hard: 80, company: 5 }, parties: { max: 50 } }))
    const parts = realm.matchmaker()
    const [leader] = await realm.partyOf(50, 'Waiting raid of the long name')
    if (leader === undefined) throw new Error('no raid')
    const answer = await enterAs(parts, leader, { map: 'forest', wholeParty: true })
    if (!('line' in answer)) throw new Error('seated')
    expect(answer.line.ticket.length).toBeLessThan(12_000)
    await realm.directory.leaveLine('forest', leader.character)
    await pollLine(parts, leader.character, answer.line.ticket, { waitMs: 0, signal: new AbortController().signal })
    const [entry] = await realm.directory.lineHead('forest', 1, realm.clock.now())
    expect(entry?.holders).toHaveLength(50)
    expect(entry?.holders[49]).toMatchObject({ party: leader.party, language: 'en' })
  })

  it('S4: the seats of a travel are held until its deadline and the claim after it', async () => {
    await using realm = await Realm.create(store, policyNamed('forest'), policyNamed('hills'))
    const { parts, ada } = await playingBeforeHills(realm, 'Fights')
    await travel(parts, ada.character, wish({ map: 'hills' }))
    const [order] = await realm.directory.movesFor('s1')
    if (order === undefined) throw new Error('no order')
    expect(order.deadline - realm.clock.now()).toBe(30_000)
    const ticket = await verifyTicket(order.members[0]?.ticket ?? '', parts.keys.ticketPublic, realm.clock.now())
    expect(ticket.expires).toBeGreaterThanOrEqual(order.deadline + CLAIM_TIMEOUT_MS)
    realm.clock.set(order.deadline + CLAIM_TIMEOUT_MS - 1)
    expect(await realm.directory.takeSeat('hills', 'hills-1', ada.character, realm.clock.now())).toBe(true)
  })

  it('S5: the ticket of a travel is sealed for the game server that claimed the character, not for the one that the directory names', async () => {
    await using realm = await Realm.create(store, policyNamed('forest'), policyNamed('hills'))
    const { parts, ada } = await playingBeforeHills(realm, 'Sealed')
    const keys = createSealKeys()
    await using server = await createStore({ url, poolSize: 1, serverSecret: createServerSecret() })
    await server.registerServer('holder of ada', keys.publicKey)
    await server.claim(ada.character, { copy: 'forest-1', server: 'holder of ada' })
    await travel(parts, ada.character, wish({ map: 'hills' }))
    const [order] = await realm.directory.movesFor('s1')
    const [member] = order?.members ?? []
    if (order === undefined || member === undefined) throw new Error('no order')
    await expect(verifyTicket(member.ticket, parts.keys.ticketPublic, realm.clock.now())).rejects.toMatchObject({ code: 'TICKET_INVALID' })
    const ticket = openTicket(order.id, member, keys) ?? ''
    expect(await verifyTicket(ticket, parts.keys.ticketPublic, realm.clock.now())).toMatchObject({ copy: 'hills-1', move: order.id })
  })

  it('X1: refuses a travel to the current copy, and orders no move', async () => {
    await using realm = await Realm.create(store)
    await realm.open('forest-1')
    const parts = realm.matchmaker()
    const [ada] = await realm.people(1, 'Stays')
    if (ada === undefined) throw new Error('nobody')
    await seatOf(enterAs(parts, ada))
    await realm.take('forest', 'forest-1', ada.character)
    await expect(travel(parts, ada.character, wish({ map: 'forest' }))).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    expect(await realm.directory.movesFor('s1')).toEqual([])
  })
})
