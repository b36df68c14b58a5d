import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Directory, DirectoryEvent } from '../../directory/directory.ts'
import { type Copy, closingCopy, lostCopy } from '../../model/copy.ts'
import type { MoveOrder } from '../../model/move.ts'
import { chatContract } from './directoryChat.ts'
import { lineContract } from './directoryLine.ts'
import { entry, holder, map, openCopy, openingCopy, orderFrom, request, seatStates, T0 } from './directorySamples.ts'

/** Contract of every adapter of the Directory port. `make` returns an empty directory; `empty` deletes all its data, as a FLUSHALL does. */
export function directoryContract(adapter: string, make: () => Promise<{ directory: Directory; empty(): Promise<void> }>): void {
  describe(`Directory on ${adapter}`, () => {
    let directory: Directory
    let empty: () => Promise<void>
    beforeEach(async () => {
      ;({ directory, empty } = await make())
    })
    afterEach(async () => {
      await directory[Symbol.asyncDispose]()
    })
    const seatsOf = (copy: string) => seatStates(directory, copy)

    describe('copies', () => {
      it('a copy is added once, and changed only from its stored state', async () => {
        expect(await directory.addCopy(openingCopy('a'))).toBe(true)
        expect(await directory.addCopy(openingCopy('a'))).toBe(false)
        expect(await directory.changeCopy(openCopy('a'), 'closing')).toBe(false)
        expect(await directory.changeCopy(openCopy('a'), 'opening')).toBe(true)
        expect(await directory.changeCopy(openCopy('b'), 'opening')).toBe(false)
        expect((await directory.snapshot(map)).copies).toEqual([openCopy('a')])
        expect(await directory.maps()).toEqual([map])
      })

      it('one of many concurrent changes succeeds', async () => {
        await directory.addCopy(openCopy('a'))
        const closing = closingCopy(openCopy('a'), { reason: 'merge', deadline: T0, successors: [] }, T0)
        const results = await Promise.all(Array.from({ length: 16 }, () => directory.changeCopy(closing, 'open')))
        expect(results.filter(Boolean)).toHaveLength(1)
      })

      it('a server reads the copies that it hosts or lists, with their seats, and no others', async () => {
        const at = (id: string, server: string): Copy => ({ ...openCopy(id), server })
        // The id of a server may be part of another one, or stand in another field.
        for (const copy of [at('a', 'server-1'), at('b', 'server-2'), at('server-1', 'server-3'), at('d', 'server-10')]) await directory.addCopy(copy)
        for (const copy of ['a', 'b', 'd']) await directory.holdSeats(request([`in-${copy}`], [copy], 5))
        const { copies, seats, seq } = await directory.hosted(map, 'server-1', ['d', 'gone'])
        expect(copies.map(({ id }) => id).sort()).toEqual(['a', 'd'])
        expect(seats.map(({ copy, seat }) => `${copy} ${seat.character}`).sort()).toEqual(['a in-a', 'd in-d'])
        expect(seq).toBe((await directory.snapshot(map)).seq)
        expect((await directory.hosted(map, 'nobody', [])).copies).toEqual([])
      })

      it('removing a copy removes its seats', async () => {
        await directory.addCopy(openCopy('a'))
        await directory.holdSeats(request(['x'], ['a'], 5))
        await directory.removeCopy(map, 'a')
        expect(await directory.snapshot(map)).toMatchObject({ copies: [], seats: [] })
        expect(await directory.sweepSeats(map, T0 + 60_000)).toBe(0)
      })
    })

    describe('seats', () => {
      it('S3: 64 concurrent requests fill the cap and never exceed it', async () => {
        await directory.addCopy(openCopy('a'))
        await directory.addCopy(openCopy('b'))
        const results = await Promise.all(Array.from({ length: 64 }, (_, i) => directory.holdSeats(request([`p${i}`], ['a', 'b'], 20))))
        expect(results.filter((copy) => copy === 'a')).toHaveLength(20)
        expect(results.filter((copy) => copy === 'b')).toHaveLength(20)
        expect((await seatsOf('a')).size).toBe(20)
      })

      it('a seat keeps the languages of its holder, also when it is taken and when it is described again', async () => {
        await directory.addCopy(openCopy('a'))
        const said = async () => (await directory.snapshot(map)).seats.map(({ seat: { state, language, languages } }) => ({ state, language, languages }))
        await directory.holdSeats(request([], ['a'], 5, { holders: [holder('x', { language: 'pt', languages: ['en', 'es'] })] }))
        expect(await said()).toEqual([{ state: 'held', language: 'pt', languages: ['en', 'es'] }])
        await directory.takeSeat(map, 'a', 'x', T0)
        expect(await said()).toEqual([{ state: 'taken', language: 'pt', languages: ['en', 'es'] }])
        await directory.describeSeats(map, 'a', [holder('x', { language: 'en', languages: ['de'] })])
        expect(await said()).toEqual([{ state: 'taken', language: 'en', languages: ['de'] }])
        await directory.describeSeats(map, 'a', [holder('x', { language: 'de' })])
        expect(await said()).toEqual([{ state: 'taken', language: 'de', languages: undefined }])
      })

      it('P1: a party gets seats for all members in one copy, or none', async () => {
        await directory.addCopy(openCopy('a'))
        await directory.addCopy(openCopy('b'))
        await directory.holdSeats(request(['1', '2', '3'], ['a'], 5))
        expect(await directory.holdSeats(request(['4', '5', '6'], ['a'], 5))).toBeUndefined()
        expect((await seatsOf('a')).size).toBe(3)
        expect(await directory.holdSeats(request(['4', '5', '6'], ['a', 'b'], 5))).toBe('b')
        const parties = await Promise.all(Array.from({ length: 20 }, (_, i) => directory.holdSeats(request([`a${i}`, `b${i}`, `c${i}`], ['a', 'b'], 12))))
        expect(parties.filter(Boolean)).toHaveLength(6)
        for (const copy of ['a', 'b']) expect((await seatsOf(copy)).size).toBe(12)
      })

      it('P1: concurrent requests of one party with different rankings end in one copy', async () => {
        await directory.addCopy(openCopy('a'))
        await directory.addCopy(openCopy('b'))
        const copies = await Promise.all(
          Array.from({ length: 8 }, (_, i) => directory.holdSeats(request([`m${i}`], i % 2 === 0 ? ['a', 'b'] : ['b', 'a'], 10, { party: 'p' }))),
        )
        expect(new Set(copies).size).toBe(1)
        expect(await directory.holdSeats(request(['late'], ['b', 'a'], 10, { party: 'p', now: T0 + 16_000, deadline: T0 + 30_000 }))).toBe('b')
      })

      it('P1: a request with `unseated` holders gets no seat in a second copy', async () => {
        for (const id of ['a', 'b', 'c']) await directory.addCopy(openCopy(id))
        const along = (holders: string[], copies: string[]) => directory.holdSeats(request(holders, copies, 5, { unseated: holders }))
        expect(await directory.holdSeats(request(['x'], ['b'], 5))).toBe('b')
        expect(await along(['x', 'y'], ['a', 'c'])).toBeUndefined()
        expect(await along(['x', 'y'], ['a', 'b', 'c'])).toBe('b')
        expect((await seatsOf('b')).size).toBe(2)
        // Without `unseated`, as in a move, a seat in another copy is allowed.
        expect(await directory.holdSeats(request(['x', 'y'], ['a'], 5))).toBe('a')
        // x has seats in two copies now, so no third copy is possible.
        expect(await along(['x', 'y', 'z'], ['a', 'b', 'c'])).toBeUndefined()
        // Seats in a lost copy do not count.
        await directory.addCopy(openCopy('d'))
        await directory.holdSeats(request(['u'], ['d'], 5))
        await directory.changeCopy(lostCopy(openCopy('d'), T0), 'open')
        expect(await along(['u', 'v'], ['c'])).toBe('c')
      })

      it('concurrent requests of one group end in one copy, and in the next one when it is full', async () => {
        for (const id of ['a', 'b', 'c']) await directory.addCopy(openCopy(id))
        const orders = [
          ['a', 'b', 'c'],
          ['b', 'c', 'a'],
          ['c', 'a', 'b'],
        ]
        const group = { id: 'g', among: 3 }
        const copies = await Promise.all(Array.from({ length: 20 }, (_, i) => directory.holdSeats(request([`g${i}`], orders[i % 3] ?? [], 12, { group }))))
        const sizes = [...Map.groupBy(copies, (copy) => copy).values()].map((of) => of.length).sort((x, y) => x - y)
        expect(sizes).toEqual([8, 12])
      })

      it('the anchor of a group precedes only its first `among` options, applies to no other group, and ends with the deadline of its last seat', async () => {
        for (const id of ['a', 'b']) await directory.addCopy(openCopy(id))
        const group = { id: 'g', among: 1 }
        expect(await directory.holdSeats(request(['1'], ['a', 'b'], 12, { group }))).toBe('a')
        expect(await directory.holdSeats(request(['2'], ['b', 'a'], 12, { group }))).toBe('b')
        expect(await directory.holdSeats(request(['3'], ['b', 'a'], 12, { group: { id: 'g', among: 2 } }))).toBe('a')
        expect(await directory.holdSeats(request(['4'], ['b', 'a'], 12, { group: { id: 'h', among: 2 } }))).toBe('b')
        const later = { now: T0 + 15_001, deadline: T0 + 30_000 }
        expect(await directory.holdSeats(request(['5'], ['b', 'a'], 12, { group: { id: 'g', among: 2 }, ...later }))).toBe('b')
        const party = { party: 'p', group: { id: 'g', among: 2 }, ...later }
        expect(await directory.holdSeats(request(['6'], ['a', 'b'], 12, { ...party, group: { id: 'i', among: 2 } }))).toBe('a')
        expect(await directory.holdSeats(request(['7'], ['b', 'a'], 12, party))).toBe('a')
      })

      it('C1: an opening or closing copy takes no seats, except company in a closing copy', async () => {
        await directory.addCopy(openingCopy('a'))
        expect(await directory.holdSeats(request(['x'], ['a'], 5))).toBeUndefined()
        await directory.changeCopy(openCopy('a'), 'opening')
        await directory.changeCopy(closingCopy(openCopy('a'), { reason: 'merge', deadline: T0, successors: [] }, T0), 'open')
        expect(await directory.holdSeats(request(['x'], ['a'], 5))).toBeUndefined()
        expect(await directory.holdSeats(request(['x'], ['a', 'gone'], 5, { options: [{ copy: 'a', limit: 5, evenClosing: true }] }))).toBe('a')
      })

      it('S4: a held seat that is not taken by its deadline is freed', async () => {
        await directory.addCopy(openCopy('a'))
        await directory.holdSeats(request(['x'], ['a'], 1))
        expect(await directory.holdSeats(request(['y'], ['a'], 1, { now: T0 + 14_999, deadline: T0 + 20_000 }))).toBeUndefined()
        expect(await directory.takeSeat(map, 'a', 'x', T0 + 15_000)).toBe(false)
        expect(await directory.holdSeats(request(['y'], ['a'], 1, { now: T0 + 15_000, deadline: T0 + 20_000 }))).toBe('a')
        expect(await directory.sweepSeats(map, T0 + 20_000)).toBe(1)
        expect((await seatsOf('a')).size).toBe(0)
      })

      it('S4: takeSeat with a clock that is ahead frees no other seat', async () => {
        await directory.addCopy(openCopy('a'))
        for (const character of ['x', 'y']) await directory.holdSeats(request([character], ['a'], 2))
        expect(await directory.takeSeat(map, 'a', 'x', T0 + 3_600_000)).toBe(false)
        expect(await seatsOf('a')).toEqual(new Map([['y', 'held']]))
        expect(await directory.takeSeat(map, 'a', 'y', T0 + 1)).toBe(true)
      })

      it('S4: thousands of lapsed seats are freed before the next request is checked', async () => {
        await directory.addCopy(openCopy('a'))
        const crowd = Array.from({ length: 2_500 }, (_, i) => `lapsing ${i}`)
        for (let i = 0; i < crowd.length; i += 500) await directory.holdSeats(request(crowd.slice(i, i + 500), ['a'], crowd.length))
        expect((await seatsOf('a')).size).toBe(crowd.length)
        const later = { now: T0 + 15_000, deadline: T0 + 30_000 }
        expect(await directory.holdSeats(request(['next'], ['a'], 1, later))).toBe('a')
        expect(await seatsOf('a')).toEqual(new Map([['next', 'held']]))
      })

      it('S4: a taken seat with a promise becomes held, not free, when the old session leaves', async () => {
        await directory.addCopy(openCopy('a'))
        const back = request(['x'], ['a'], 1, { now: T0 + 2, deadline: T0 + 10_000 })
        await directory.holdSeats(request(['x'], ['a'], 1))
        await directory.takeSeat(map, 'a', 'x', T0 + 1)
        expect(await directory.holdSeats(back)).toBe('a')
        expect(await seatsOf('a')).toEqual(new Map([['x', 'taken']]))
        await directory.freeSeat(map, 'a', 'x')
        expect(await seatsOf('a')).toEqual(new Map([['x', 'held']]))
        expect(await directory.takeSeat(map, 'a', 'x', T0 + 3)).toBe(true)
        // Taking the seat used up the promise, so the next freeSeat frees it.
        await directory.freeSeat(map, 'a', 'x')
        expect((await seatsOf('a')).size).toBe(0)
      })

      it('S4: a promise lapses, and can be given back, like a held seat', async () => {
        await directory.addCopy(openCopy('a'))
        for (const character of ['late', 'off']) {
          await directory.holdSeats(request([character], ['a'], 2))
          await directory.takeSeat(map, 'a', character, T0 + 1)
          await directory.holdSeats(request([character], ['a'], 2))
        }
        await directory.giveBackSeat(map, 'a', 'off', T0 + 15_000)
        expect((await seatsOf('a')).get('off')).toBe('taken')
        await directory.freeSeat(map, 'a', 'off')
        await directory.freeSeat(map, 'a', 'late')
        expect(await seatsOf('a')).toEqual(new Map([['late', 'held']]))
        expect(await directory.takeSeat(map, 'a', 'late', T0 + 15_000)).toBe(false)
        expect((await seatsOf('a')).size).toBe(0)
      })

      it('S4: a repeated freeSeat and a late giveBackSeat of an earlier hold do not free the current hold', async () => {
        await directory.addCopy(openCopy('a'))
        await directory.holdSeats(request(['x'], ['a'], 1))
        await directory.takeSeat(map, 'a', 'x', T0 + 1)
        await directory.freeSeat(map, 'a', 'x')
        await directory.holdSeats(request(['x'], ['a'], 1, { now: T0 + 2, deadline: T0 + 11_000 }))
        await directory.freeSeat(map, 'a', 'x')
        expect(await seatsOf('a')).toEqual(new Map([['x', 'held']]))
        await directory.holdSeats(request(['x'], ['a'], 1, { now: T0 + 3, deadline: T0 + 12_000 }))
        await directory.giveBackSeat(map, 'a', 'x', T0 + 11_000)
        expect(await seatsOf('a')).toEqual(new Map([['x', 'held']]))
        await directory.giveBackSeat(map, 'a', 'x', T0 + 12_000)
        expect((await seatsOf('a')).size).toBe(0)
      })

      it('a taken seat does not lapse, and can be taken twice', async () => {
        await directory.addCopy(openCopy('a'))
        await directory.holdSeats(request(['x'], ['a'], 1))
        expect(await directory.takeSeat(map, 'a', 'x', T0 + 1)).toBe(true)
        expect(await directory.takeSeat(map, 'a', 'x', T0 + 60_000)).toBe(true)
        expect(await directory.takeSeat(map, 'a', 'nobody', T0)).toBe(false)
        expect(await directory.sweepSeats(map, T0 + 60_000)).toBe(0)
        await directory.giveBackSeat(map, 'a', 'x', T0 + 15_000)
        expect(await seatsOf('a')).toEqual(new Map([['x', 'taken']]))
        await directory.freeSeat(map, 'a', 'x')
        expect((await seatsOf('a')).size).toBe(0)
      })

      it('a second request of a character in the same copy counts once, and keeps a taken seat taken', async () => {
        await directory.addCopy(openCopy('a'))
        await directory.holdSeats(request(['x'], ['a'], 1))
        expect(await directory.holdSeats(request(['x'], ['a'], 1))).toBe('a')
        await directory.takeSeat(map, 'a', 'x', T0 + 1)
        expect(await directory.holdSeats(request(['x'], ['a'], 1, { holders: [holder('x', { guild: 'g' })] }))).toBe('a')
        expect((await directory.snapshot(map)).seats).toMatchObject([{ copy: 'a', seat: { character: 'x', state: 'taken', guild: 'g' } }])
      })
    })

    describe('descriptions and words', () => {
      it('S6: describeSeats replaces what seats say and keeps their state, and skips characters without a seat there', async () => {
        await directory.addCopy(openCopy('a'))
        await directory.addCopy(openCopy('b'))
        const expecting = { ...holder('held'), expects: 2.5 }
        await directory.holdSeats(request(['held'], ['a'], 5, { holders: [expecting] }))
        await directory.holdSeats(request(['taken', 'back'], ['a'], 5))
        for (const character of ['taken', 'back']) await directory.takeSeat(map, 'a', character, T0 + 1)
        await directory.holdSeats(request(['back'], ['a'], 5, { deadline: T0 + 20_000 }))
        await directory.holdSeats(request(['elsewhere'], ['b'], 5))
        const now = { name: 'New', language: 'pt', party: 'p', guild: 'g', attributes: { role: 'tank' } }
        const { seq } = await directory.snapshot(map)
        await directory.describeSeats(
          map,
          'a',
          ['held', 'taken', 'back', 'elsewhere', 'nobody'].map((character) => holder(character, now)),
        )
        const seats = new Map((await directory.snapshot(map)).seats.map(({ copy, seat }) => [`${copy} ${seat.character}`, seat]))
        expect(seats.get('a held')).toEqual({ ...holder('held', now), expects: 2.5, state: 'held', deadline: T0 + 15_000 })
        expect(seats.get('a taken')).toEqual({ ...holder('taken', now), state: 'taken', since: T0 + 1 })
        expect(seats.get('a back')).toEqual({ ...holder('back', now), state: 'taken', since: T0 + 1, promised: T0 + 20_000 })
        expect(seats.get('b elsewhere')).toEqual({ ...holder('elsewhere'), state: 'held', deadline: T0 + 15_000 })
        expect(seats.size).toBe(4)
        // One numbered event: a replica follows without reading the map again.
        expect((await directory.snapshot(map)).seq).toBe(seq + 1)
        // A value that is not there any more is removed, and a copy that does not exist is ignored.
        await directory.describeSeats(map, 'a', [holder('taken')])
        await directory.describeSeats(map, 'gone', [holder('taken', now)])
        const after = (await directory.snapshot(map)).seats.find(({ seat }) => seat.character === 'taken')
        expect(after?.seat).toEqual({ ...holder('taken'), state: 'taken', since: T0 + 1 })
        // S4: a description neither prolongs a held seat nor takes it.
        expect(await directory.sweepSeats(map, T0 + 15_000)).toBe(2)
      })

      it('tellServer reaches only the server that it names', async () => {
        const stop = new AbortController()
        const words: Record<string, string[]> = { s: [], other: [], all: [] }
        const ended = Object.entries({ s: { onlyFor: 's' }, other: { onlyFor: 'other' }, all: {} }).map(async ([name, subscription]) => {
          const watched = await directory.watch(stop.signal, subscription)
          return async () => {
            for await (const { type } of watched) {
              if (type === 'copy' && name !== 'all') break
              words[name]?.push(type)
              if (type === 'copy') break
            }
          }
        })
        const watching = (await Promise.all(ended)).map((watch) => watch())
        await directory.tellServer({ type: 'profilesChanged', server: 's', characters: ['x', 'y'] })
        await directory.tellServer({ type: 'dismiss', server: 's', character: 'x', code: 'KICKED', reason: 'a reason' })
        await directory.tellServer({ type: 'profilesChanged', server: 'nobody', characters: ['x'] })
        await directory.addCopy(openCopy('a'))
        await Promise.all(watching)
        stop.abort()
        expect(words).toEqual({ s: ['profilesChanged', 'dismiss'], other: [], all: ['copy'] })
      })
    })

    describe('after a loss of data', () => {
      it('D1: restoreCopy restores copies and seats after a loss, and may be repeated', async () => {
        await directory.addCopy(openCopy('a'))
        await directory.holdSeats(request(['x', 'y'], ['a'], 5))
        for (const character of ['x', 'y']) await directory.takeSeat(map, 'a', character, T0 + 1)
        const before = await directory.snapshot(map)
        await empty()
        expect((await directory.snapshot(map)).copies).toEqual([])
        for (let i = 0; i < 2; i++)
          await directory.restoreCopy(
            openCopy('a'),
            before.seats.map(({ seat }) => seat),
          )
        const after = await directory.snapshot(map)
        expect(after.copies).toEqual(before.copies)
        expect(new Set(after.seats.map(({ seat }) => seat.character))).toEqual(new Set(['x', 'y']))
        expect(await directory.maps()).toEqual([map])
        expect(await directory.holdSeats(request(['z'], ['a'], 2))).toBeUndefined()
      })
    })

    describe('presence and servers', () => {
      it('S1: an older epoch neither replaces nor clears a newer one', async () => {
        const presence = { character: 'x', map, copy: 'a', server: 's', epoch: 2 }
        await directory.setPresence(presence)
        await directory.setPresence({ ...presence, copy: 'b', epoch: 1 })
        await directory.clearPresence('x', 1)
        expect(await directory.presence(['x', 'y'])).toEqual(new Map([['x', presence]]))
        await directory.clearPresence('x', 2)
        expect(await directory.presence(['x'])).toEqual(new Map())
        expect(await directory.presence([])).toEqual(new Map())
      })

      it('keeps the newest report of each server', async () => {
        const report = { id: 's', fleet: 'f', address: 'ws://127.0.0.1:1', rooms: 4, protocol: { min: 1, max: 1 }, draining: false, beat: T0 }
        await directory.reportServer(report)
        await directory.reportServer({ ...report, draining: true, beat: T0 + 1 })
        expect(await directory.servers()).toEqual([{ ...report, draining: true, beat: T0 + 1 }])
        await directory.removeServer('s')
        expect(await directory.servers()).toEqual([])
      })
    })

    lineContract(() => directory)
    chatContract(() => directory)

    describe('moves', () => {
      it('an order stays in the mailbox until it is settled', async () => {
        const order = (id: string, ordered: number): MoveOrder => ({ ...orderFrom('s1'), id, ordered })
        await directory.orderMove(order('m2', T0 + 1))
        await directory.orderMove(order('m1', T0))
        await directory.orderMove(order('m1', T0))
        expect((await directory.movesFor('s1')).map(({ id }) => id)).toEqual(['m1', 'm2'])
        expect(await directory.movesFor('s2')).toEqual([])
        await directory.settleMove('s1', { id: 'm1', cause: 'merge', state: 'done', members: 1 })
        expect((await directory.movesFor('s1')).map(({ id }) => id)).toEqual(['m2'])
      })
    })

    it('watchers get all events in order, numbered without gaps, and each outcome once', async () => {
      const stop = new AbortController()
      const events: DirectoryEvent[] = []
      const settled = Promise.withResolvers<void>()
      const watched = await directory.watch(stop.signal)
      const watching = (async () => {
        for await (const event of watched) {
          events.push(event)
          if (event.type === 'moveSettled') settled.resolve()
        }
      })()
      await directory.addCopy(openCopy('a'))
      await directory.holdSeats(request(['x'], ['a'], 5))
      await directory.takeSeat(map, 'a', 'x', T0 + 1)
      await directory.joinLine(entry('w', T0), 5)
      await directory.freeSeat(map, 'a', 'x')
      await directory.freeSeat(map, 'a', 'x')
      await directory.leaveLine(map, 'w')
      await directory.removeCopy(map, 'a')
      await directory.removeCopy(map, 'a')
      await directory.orderMove(orderFrom('s'))
      await directory.settleMove('s', { id: 'm', cause: 'merge', state: 'failed', members: 0 })
      await directory.settleMove('s', { id: 'm', cause: 'merge', state: 'failed', members: 0 })
      await settled.promise
      stop.abort()
      await watching
      expect(events.flatMap((event) => ('seq' in event ? [event.seq] : []))).toEqual([1, 2, 3, 4, 5, 6, 7])
      expect(events.map(({ type }) => type)).toEqual(['copy', 'seats', 'seats', 'line', 'seats', 'line', 'copyRemoved', 'moveOrdered', 'moveSettled'])
      expect(events[2]).toMatchObject({ copy: 'a', set: [{ character: 'x', state: 'taken', since: T0 + 1 }], freed: [] })
    })

    it('a subscription of one server gets only copies, its own orders and its characters that are live elsewhere', async () => {
      const stop = new AbortController()
      const watched = await directory.watch(stop.signal, { onlyFor: 's' })
      await directory.addCopy(openCopy('a'))
      for (const character of ['x', 'y']) await directory.holdSeats(request([character], ['a'], 5))
      await directory.joinLine(entry('w', T0), 5)
      await directory.orderMove(orderFrom('other'))
      await directory.orderMove(orderFrom('s'))
      const here = { character: 'x', map, copy: 'a', server: 's', epoch: 1 }
      const there = { ...here, copy: 'b', server: 'other', epoch: 2 }
      // A first report, and its repetition; a newer epoch on another server; a stale report; a character that this server never had.
      for (const presence of [here, here, there, here, { ...there, server: 'third', epoch: 3 }]) await directory.setPresence(presence)
      await directory.settleMove('s', { id: 'm', cause: 'merge', state: 'failed', members: 0 })
      await directory.removeCopy(map, 'a')
      const events: DirectoryEvent[] = []
      for await (const event of watched) {
        events.push(event)
        if (event.type === 'copyRemoved') stop.abort()
      }
      // No `gap` event: missing numbers are normal in a partial subscription.
      expect(events.map(({ type }) => type)).toEqual(['copy', 'moveOrdered', 'presence', 'presence', 'copyRemoved'])
      for (const event of events.slice(2, 4)) expect(event).toEqual({ type: 'presence', server: 's', character: 'x', presence: there })
    })
  })
}
