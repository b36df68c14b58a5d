import { expect, it } from 'vitest'
import type { StrataError } from '../../../model/errors.ts'
import { control } from '../../../model/wire/room.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import { Idlers } from './idlers.ts'
import type { Resident } from './resident.ts'
import type { Residents } from './residents.ts'

const MINUTE = 60_000
const line = { waiting: 1, afterMs: 15 * MINUTE }

/** A room as far as idlers look at it: whoever is in it, with what they were told. */
function room(people: Record<string, { heard: number; busy?: boolean; moving?: boolean }>) {
  const told: [who: string, type: string, leaves: boolean][] = []
  const left: string[] = []
  const residents = Object.entries(people).map(([character, { heard }]) => ({
    character,
    phase: 'live',
    heard,
    body: character,
    connection: { who: character, send: (type: string, { leavesAt }: { leavesAt?: number }) => void told.push([character, type, leavesAt !== undefined]) },
  }))
  const services = { clock: { now: () => 0 }, metrics: { refusals: { inc: () => undefined } } }
  const core = {
    services,
    log: { info: () => undefined },
    guard: (_: string, run: () => void) => run(),
    hooks: { canMove: (body: string) => people[body]?.busy !== true },
  }
  const idlers = new Idlers(core as unknown as ZoneCore<unknown, unknown>, residents as unknown as Residents<unknown, unknown>, {
    moving: ({ character }) => people[character]?.moving === true,
    dismiss: (connection: Connection, because: StrataError) => {
      const { who } = connection as unknown as { who: string } // made above
      left.push(`${who} ${because.code}`)
      residents.splice(
        residents.findIndex(({ character }) => character === who),
        1,
      )
    },
  })
  const of = (who: string) => residents.find(({ character }) => character === who) as unknown as Resident<unknown, unknown>
  return { idlers, told, left, of }
}

it('who is idle for longest is warned first, and as many leave as wait, a minute later', () => {
  const { idlers, told, left } = room({ ann: { heard: 2 * MINUTE }, ben: { heard: 0 }, cyd: { heard: 14 * MINUTE } })
  idlers.look(line, 13 * MINUTE)
  expect(told).toEqual([])
  idlers.look(line, 14 * MINUTE)
  idlers.look(line, 15 * MINUTE - 1)
  expect([told, left]).toEqual([[['ben', control.idle, true]], []])
  idlers.look(line, 15 * MINUTE)
  expect(left).toEqual(['ben IDLE_RELEASED'])
})

it('whoever does something stays, and is told that the warning is over; so are all when nobody waits any more', () => {
  const { idlers, told, left, of } = room({ ann: { heard: 0 }, ben: { heard: 0 } })
  idlers.look({ ...line, waiting: 2 }, 14 * MINUTE)
  idlers.heard(of('ann'), 14.5 * MINUTE)
  idlers.look(undefined, 14.6 * MINUTE)
  idlers.look(undefined, 20 * MINUTE)
  expect(left).toEqual([])
  expect(told).toEqual([
    ['ann', control.idle, true],
    ['ben', control.idle, true],
    ['ann', control.idle, false],
    ['ben', control.idle, false],
  ])
  // A line that comes back does not find them warned already.
  idlers.look(line, 20 * MINUTE)
  expect(left).toEqual([])
})

it('M3: who is busy, or on a move, is left alone until that is over, and keeps the place for nobody else who is idle', () => {
  const people = { ann: { heard: 0, busy: true }, ben: { heard: 0, moving: true }, cyd: { heard: MINUTE } }
  const { idlers, left } = room(people)
  for (let minute = 14; minute <= 20; minute++) idlers.look(line, minute * MINUTE)
  expect(left).toEqual(['cyd IDLE_RELEASED'])
  people.ann.busy = false
  idlers.look(line, 21 * MINUTE)
  idlers.look(line, 22 * MINUTE)
  expect(left).toEqual(['cyd IDLE_RELEASED', 'ann IDLE_RELEASED'])
})
