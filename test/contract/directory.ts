import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Directory, DirectoryEvent } from '../../directory/directory.ts'
import { type Copy, closingCopy, openedCopy, reopenedCopy } from '../../model/copy.ts'
import type { MoveOrder } from '../../model/move.ts'
import { chatContract } from './directoryChat.ts'
import { lineContract } from './directoryLine.ts'
import { entry, holder, map, openCopy, openingCopy, orderFrom, request, T0 } from './directorySamples.ts'
import { seatsContract } from './directorySeats.ts'

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
        // The id of a server may be part of another one, or be in another field.
        for (const copy of [at('a', 'server-1'), at('b', 'server-2'), at('server-1', 'server-3'), at('d', 'server-10')]) await directory.addCopy(copy)
        for (const copy of ['a', 'b', 'd']) await directory.holdSeats(request([`in-${copy}`], [copy], 5))
        const { copies, seats, seq } = await directory.hosted(map, 'server-1', ['d', 'gone'])
        expect(copies.map(({ id }) => id).sort()).toEqual(['a', 'd'])
        expect(seats.map(({ copy, seat }) => `${copy} ${seat.character}`).sort()).toEqual(['a in-a', 'd in-d'])
        expect(seq).toBe((await directory.snapshot(map)).seq)
        expect((await directory.hosted(map, 'nobody', [])).copies).toEqual([])
        expect((await directory.hosted(map, 'server-1', ['d', 'gone'], 'listed')).copies.map(({ id }) => id)).toEqual(['d'])
      })

      it('removing a copy removes its seats', async () => {
        await directory.addCopy(openCopy('a'))
        await directory.holdSeats(request(['x'], ['a'], 5))
        await directory.removeCopy(map, 'a')
        expect(await directory.snapshot(map)).toMatchObject({ copies: [], seats: [] })
        expect(await directory.sweepSeats(map, T0 + 60_000)).toBe(0)
      })
    })

    it('P5: a copy and a place in line keep the key of their instance', async () => {
      const keyed = { ...openingCopy('a'), instanceKey: 'guild-1/heroic' }
      await directory.addCopy(keyed)
      const open = openedCopy(keyed, 'ws://127.0.0.1:7000', T0)
      const closing = closingCopy(open, { reason: 'empty', deadline: T0, successors: [] }, T0)
      for (const [copy, from] of [
        [open, 'opening'],
        [closing, 'open'],
        [reopenedCopy(closing, T0), 'closing'],
      ] as const)
        expect(await directory.changeCopy(copy, from)).toBe(true)
      const waiting = entry('x', T0, { instanceKey: 'guild-1/heroic' })
      await directory.joinLine(waiting, 10, T0)
      expect(await directory.lineHead(map, 10, T0)).toEqual([waiting])
      const [kept] = (await directory.snapshot(map)).copies
      expect(kept).toMatchObject({ state: 'open', instanceKey: 'guild-1/heroic' })
      // The server that hosts it restores it after a loss.
      await empty()
      if (kept !== undefined) await directory.restoreCopy(kept, [])
      expect((await directory.snapshot(map)).copies).toEqual([kept])
      expect((await directory.hosted(map, 'server-1', [])).copies).toEqual([kept])
    })

    seatsContract(() => directory)

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
        await directory.tellServer({ type: 'letGo', server: 's', copy: 'a', character: 'x', epoch: 3, ask: 'b 1' })
        await directory.tellServer({ type: 'profilesChanged', server: 'nobody', characters: ['x'] })
        await directory.addCopy(openCopy('a'))
        await Promise.all(watching)
        stop.abort()
        expect(words).toEqual({ s: ['profilesChanged', 'dismiss', 'letGo'], other: [], all: ['copy'] })
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

      it('D1: clearing at an epoch whose presence was never written clears the presence of an older epoch', async () => {
        await directory.setPresence({ character: 'x', map, copy: 'a', server: 's', epoch: 2 })
        await directory.clearPresence('x', 3)
        expect(await directory.presence(['x'])).toEqual(new Map())
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
      await directory.joinLine(entry('w', T0), 5, T0)
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
      await directory.joinLine(entry('w', T0), 5, T0)
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
