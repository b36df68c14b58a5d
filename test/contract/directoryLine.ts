import { beforeEach, describe, expect, it } from 'vitest'
import type { Directory } from '../../directory/directory.ts'
import { takeAndFreeSeat } from '../takeAndFreeSeat.ts'
import { entry, map, openCopy, request, seatStates, T0 } from './directorySamples.ts'

/** The part of the directory contract about the line. `current` returns the directory of the running test. */
export function lineContract(current: () => Directory): void {
  describe('line', () => {
    let directory: Directory
    beforeEach(() => {
      directory = current()
    })
    const seatsOf = (copy: string) => seatStates(directory, copy)

    it('Q1: the order is by rank, then arrival, then id, and does not depend on the order of joining', async () => {
      for (const place of [entry('c', T0 + 2), entry('b', T0 + 1), entry('vip', T0 + 9, { rank: 0 }), entry('low', T0, { rank: 1 }), entry('a', T0 + 1)]) {
        expect(await directory.joinLine(place, 10, T0)).toEqual(place)
      }
      expect((await directory.lineHead(map, 10, T0)).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'vip', 'low'])
      expect(await directory.linePosition(map, 'c', T0)).toEqual({ position: 2, length: 5 })
      expect(await directory.linePosition(map, 'nobody', T0)).toBeUndefined()
    })

    it('a map with a place in line is listed before it has a copy', async () => {
      await directory.joinLine(entry('a', T0), 10, T0)
      expect(await directory.maps()).toEqual([map])
      expect(await directory.snapshot(map)).toMatchObject({ copies: [], waiting: 1 })
    })

    it('Q1: with ageing a class is ordered as if it had arrived later by `ageingMs` per rank', async () => {
      const aged = (id: string, arrived: number, rank: number) => entry(id, arrived, { rank, ageingMs: 60_000 })
      for (const place of [aged('patient', T0, 1), aged('late member', T0 + 60_001, 0), aged('member', T0 + 59_999, 0), aged('last', T0 + 1, 1)]) {
        expect(await directory.joinLine(place, 10, T0)).toEqual(place)
      }
      expect((await directory.lineHead(map, 10, T0)).map(({ id }) => id)).toEqual(['member', 'patient', 'last', 'late member'])
    })

    it('concurrent callers together promote at most `perSecond` people per second', async () => {
      await directory.addCopy(openCopy('a'))
      const places = Array.from({ length: 30 }, (_, n) => entry(`p${String(n).padStart(2, '0')}`, T0 + n))
      for (const place of places) await directory.joinLine(place, 100, T0)
      let next = 0
      const promoteAt = async (now: number): Promise<number> => {
        const before = next
        for (let place = places[next]; place !== undefined; place = places[next]) {
          const seats = request([place.id], ['a'], 100, { now, deadline: now + 60_000 })
          const got = await Promise.all([0, 1, 2].map(() => directory.promote(place, seats, [], 5)))
          if (!got.includes('a')) break
          next++
        }
        return next - before
      }
      expect(await promoteAt(T0)).toBe(5)
      expect(await promoteAt(T0 + 200)).toBe(1)
      expect(await promoteAt(T0 + 600)).toBe(2)
      expect(await promoteAt(T0 + 60_000)).toBe(5)
    })

    it('a full line refuses new places, and renews existing ones', async () => {
      expect(await directory.joinLine(entry('a', T0), 1, T0)).toEqual(entry('a', T0))
      expect(await directory.joinLine(entry('b', T0), 1, T0)).toBeUndefined()
      expect(await directory.joinLine(entry('a', T0 + 7, { keepUntil: T0 + 240_000 }), 1, T0)).toEqual(entry('a', T0, { keepUntil: T0 + 240_000 }))
      await directory.leaveLine(map, 'a')
      expect(await directory.joinLine(entry('b', T0), 1, T0)).toEqual(entry('b', T0))
    })

    it('Q2: a place is kept for the grace time, and renewing keeps it longer', async () => {
      await directory.joinLine(entry('a', T0), 10, T0)
      await directory.joinLine(entry('b', T0 + 1), 10, T0)
      expect(await directory.renewLine(map, 'a', T0 + 240_000, T0)).toBe(true)
      expect(await directory.linePosition(map, 'b', T0 + 119_999)).toEqual({ position: 1, length: 2 })
      expect(await directory.linePosition(map, 'b', T0 + 120_000)).toBeUndefined()
      expect(await directory.renewLine(map, 'b', T0 + 500_000, T0)).toBe(false)
      expect(await directory.linePosition(map, 'a', T0 + 120_000)).toEqual({ position: 0, length: 1 })
    })

    it('Q2: thousands of lapsed places are removed before the line is read', async () => {
      for (let i = 0; i < 2_500; i += 500) {
        await Promise.all(Array.from({ length: 500 }, (_, n) => directory.joinLine(entry(`gone ${i + n}`, T0), 10_000, T0)))
      }
      await directory.joinLine(entry('patient', T0 + 1, { keepUntil: T0 + 240_000 }), 10_000, T0)
      expect((await directory.lineHead(map, 9, T0 + 120_000)).map(({ id }) => id)).toEqual(['patient'])
    })

    it('Q1: a place is promoted only at the head of the line and with a seat', async () => {
      await directory.addCopy(openCopy('a'))
      const [first, second] = [entry('first', T0), entry('second', T0 + 1)]
      await directory.joinLine(first, 10, T0)
      await directory.joinLine(second, 10, T0)
      expect(await directory.promote(second, request(['second'], ['a'], 1))).toBeUndefined()
      expect(await directory.promote(first, request(['first'], ['a'], 0))).toBeUndefined()
      expect(await directory.promoted(map, 'first')).toBeUndefined()
      expect(await directory.promote(first, request(['first'], ['a'], 1))).toBe('a')
      expect(await directory.promoted(map, 'first')).toEqual({ copy: 'a', deadline: T0 + 15_000 })
      expect(await directory.promote(first, request(['first'], ['a'], 5))).toBeUndefined()
      expect(await directory.promote(second, request(['second'], ['a'], 1))).toBeUndefined()
      expect((await directory.snapshot(map)).waiting).toBe(1)
      await takeAndFreeSeat(directory, map, 'a', 'first')
      expect(await directory.promoted(map, 'first')).toBeUndefined()
      expect(await directory.promote(second, request(['second'], ['a'], 1))).toBe('a')
    })

    it('line events mark promotions with `turn`, and no other change', async () => {
      const stop = new AbortController()
      const watched = await directory.watch(stop.signal)
      await directory.addCopy(openCopy('a'))
      for (const [n, id] of ['first', 'impatient', 'gone'].entries()) await directory.joinLine(entry(id, T0 + n), 10, T0)
      await directory.promote(entry('first', T0), request(['first'], ['a'], 1))
      await directory.leaveLine(map, 'impatient')
      await directory.lineHead(map, 1, T0 + 120_000)
      await directory.removeCopy(map, 'a')
      const lines: unknown[] = []
      for await (const event of watched) {
        if (event.type === 'line') lines.push({ waiting: event.waiting, turn: event.turn })
        if (event.type === 'copyRemoved') stop.abort()
      }
      const turns = [1, 2, 3].map((waiting) => ({ waiting, turn: undefined }))
      expect(lines).toEqual([...turns, { waiting: 2, turn: true }, { waiting: 1, turn: undefined }, { waiting: 0, turn: undefined }])
    })

    it('Q1: only places in `skippable` may be passed', async () => {
      await directory.addCopy(openCopy('a'))
      for (const place of [entry('picky', T0), entry('other', T0 + 1), entry('mine', T0 + 2)]) await directory.joinLine(place, 10, T0)
      expect(await directory.promote(entry('mine', T0 + 2), request(['mine'], ['a'], 5), ['picky'])).toBeUndefined()
      expect(await directory.promote(entry('mine', T0 + 2), request(['mine'], ['a'], 5), ['picky', 'other'])).toBe('a')
    })

    it('Q1: concurrent promotions give each place one seat', async () => {
      await directory.addCopy(openCopy('a'))
      for (let i = 0; i < 10; i++) await directory.joinLine(entry(`p${i}`, T0 + i), 100, T0)
      for (let round = 0; round < 10; round++) {
        const [head] = await directory.lineHead(map, 1, T0)
        if (head === undefined) break
        const won = await Promise.all(Array.from({ length: 4 }, () => directory.promote(head, request([head.id], ['a'], 5))))
        expect(won.filter(Boolean).length).toBe(round < 5 ? 1 : 0)
      }
      expect((await seatsOf('a')).size).toBe(5)
      expect((await directory.snapshot(map)).waiting).toBe(5)
    })
  })
}
