import { beforeEach, describe, expect, it } from 'vitest'
import type { Directory } from '../../directory/directory.ts'
import { closingCopy, lostCopy } from '../../model/copy.ts'
import { holder, map, openCopy, openingCopy, request, seatStates, T0 } from './directorySamples.ts'

/** The part of the directory contract about seats. `current` returns the directory of the running test. */
export function seatsContract(current: () => Directory): void {
  describe('seats', () => {
    let directory: Directory
    beforeEach(() => {
      directory = current()
    })
    const seatsOf = (copy: string) => seatStates(directory, copy)

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

    it('P1: a request with `unseated` holders finds a seat behind a newer one that was given back, and one that was restored', async () => {
      for (const id of ['a', 'b', 'c']) await directory.addCopy(openCopy(id))
      const along = (holders: string[], copies: string[]) => directory.holdSeats(request(holders, copies, 5, { unseated: holders }))
      const first = request(['x'], ['b'], 5)
      await directory.holdSeats(first)
      await directory.takeSeat(first.map, 'b', 'x', T0)
      const move = request(['x'], ['a'], 5)
      await directory.holdSeats(move)
      await directory.giveBackSeat(move.map, 'a', 'x', move.deadline)
      expect(await along(['x', 'y'], ['a', 'c'])).toBeUndefined()
      expect(await along(['x', 'y'], ['a', 'b'])).toBe('b')
      const restored = { character: 'r', entity: 9, name: 'R', language: 'en', state: 'taken', since: T0 } as const
      await directory.restoreCopy(openCopy('d'), [restored])
      expect(await along(['r', 's'], ['a', 'c'])).toBeUndefined()
      expect(await along(['r', 's'], ['a', 'd'])).toBe('d')
    })

    it('P1, S3: of a hundred options the last one with room is found, and a party follows its anchor there', async () => {
      const ids = Array.from({ length: 100 }, (_, n) => `copy-${n}`)
      for (const id of ids) await directory.addCopy(openCopy(id))
      const full = ids.slice(0, -1)
      for (const id of full) await directory.holdSeats(request([`in ${id}`], [id], 1))
      const last = ids.at(-1)
      expect(await directory.holdSeats(request(['x'], ids, 1, { party: 'p' }))).toBe(last)
      expect(await directory.holdSeats(request(['y'], ids, 1))).toBeUndefined()
      expect(await directory.holdSeats(request(['y'], ids, 5, { party: 'p' }))).toBe(last)
    })

    it('concurrent requests of one group end in one copy, and in the next one when it is full', async () => {
      for (const id of ['a', 'b', 'c']) await directory.addCopy(openCopy(id))
      const orders = [
        ['a', 'b', 'c'],
        ['b', 'c', 'a'],
        ['c', 'a', 'b'],
      ]
      const group = { id: 'g', among: 3, forMs: 5_000 }
      const copies = await Promise.all(Array.from({ length: 20 }, (_, i) => directory.holdSeats(request([`g${i}`], orders[i % 3] ?? [], 12, { group }))))
      const sizes = [...Map.groupBy(copies, (copy) => copy).values()].map((of) => of.length).sort((x, y) => x - y)
      expect(sizes).toEqual([8, 12])
    })

    it('the anchor of a group precedes only its first `among` options, applies to no other group, and ends `forMs` after its last seat', async () => {
      for (const id of ['a', 'b']) await directory.addCopy(openCopy(id))
      const group = { id: 'g', among: 1, forMs: 5_000 }
      expect(await directory.holdSeats(request(['1'], ['a', 'b'], 12, { group }))).toBe('a')
      expect(await directory.holdSeats(request(['2'], ['b', 'a'], 12, { group }))).toBe('b')
      expect(await directory.holdSeats(request(['3'], ['b', 'a'], 12, { group: { id: 'g', among: 2, forMs: 5_000 } }))).toBe('a')
      expect(await directory.holdSeats(request(['4'], ['b', 'a'], 12, { group: { id: 'h', among: 2, forMs: 5_000 } }))).toBe('b')
      const later = { now: T0 + 5_001, deadline: T0 + 20_000 }
      expect(await directory.holdSeats(request(['5'], ['b', 'a'], 12, { group: { id: 'g', among: 2, forMs: 5_000 }, ...later }))).toBe('b')
      const party = { party: 'p', group: { id: 'g', among: 2, forMs: 5_000 }, ...later }
      expect(await directory.holdSeats(request(['6'], ['a', 'b'], 12, { ...party, group: { id: 'i', among: 2, forMs: 5_000 } }))).toBe('a')
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
}
