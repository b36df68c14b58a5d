import { expect, it } from 'vitest'
import type { StrataError } from '../../../model/errors.ts'
import { control } from '../../../model/wire/room.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import type { Sent } from '../hooks.ts'
import { IdleRelease } from './idleRelease.ts'
import { InputAnswer } from './inputAnswer.ts'
import type { Resident } from './resident.ts'
import type { Residents } from './residents.ts'

const MINUTE = 60_000
const line = { waiting: 1, afterMs: 15 * MINUTE }

/** A room with the parts that IdleRelease uses. Records the messages that were sent and who was dismissed. */
function room(people: Record<string, { lastActive: number; busy?: boolean; moving?: boolean }>) {
  const sent: [character: string, type: string, leaves: boolean][] = []
  const left: string[] = []
  const residents = Object.entries(people).map(([character, { lastActive }]) => ({
    character,
    phase: 'live',
    lastActive,
    lastInput: undefined,
    lastSent: new Map(),
    answer: new InputAnswer(),
    body: character,
    connection: { who: character, send: (type: string, { leavesAt }: { leavesAt?: number }) => void sent.push([character, type, leavesAt !== undefined]) },
  }))
  const services = { clock: { now: () => 0 }, metrics: { refusals: { inc: () => undefined } } }
  const core = {
    services,
    log: { info: () => undefined },
    guard: (_: string, run: () => void) => run(),
    watched: <T>(_: string, code: () => T) => code(),
    hooks: { canMove: (body: string) => people[body]?.busy !== true, isActivity: (_: string, { data, before }: Sent) => data !== before },
  }
  const idleRelease = new IdleRelease(core as unknown as ZoneCore<unknown, unknown>, residents as unknown as Residents<unknown, unknown>, {
    moving: ({ character }) => people[character]?.moving === true,
    dismiss: (connection: Connection, reason: StrataError) => {
      const { who } = connection as unknown as { who: string } // created above
      left.push(`${who} ${reason.code}`)
      residents.splice(
        residents.findIndex(({ character }) => character === who),
        1,
      )
    },
  })
  const of = (who: string) => residents.find(({ character }) => character === who) as unknown as Resident<unknown, unknown>
  return { idleRelease, sent, left, of }
}

it('warns the player who has been idle longest, and a minute later releases as many players as wait in line', () => {
  const { idleRelease, sent, left } = room({ ann: { lastActive: 2 * MINUTE }, ben: { lastActive: 0 }, cyd: { lastActive: 14 * MINUTE } })
  idleRelease.check(line, 13 * MINUTE)
  expect(sent).toEqual([])
  idleRelease.check(line, 14 * MINUTE)
  idleRelease.check(line, 15 * MINUTE - 1)
  expect([sent, left]).toEqual([[['ben', control.idle, true]], []])
  idleRelease.check(line, 15 * MINUTE)
  expect(left).toEqual(['ben IDLE_RELEASED'])
})

it('withdraws the warning when the player does something or nobody waits any more', () => {
  const { idleRelease, sent, left, of } = room({ ann: { lastActive: 0 }, ben: { lastActive: 0 } })
  idleRelease.check({ ...line, waiting: 2 }, 14 * MINUTE)
  idleRelease.noteActivity(of('ann'), 14.5 * MINUTE)
  idleRelease.check(undefined, 14.6 * MINUTE)
  idleRelease.check(undefined, 20 * MINUTE)
  expect(left).toEqual([])
  expect(sent).toEqual([
    ['ann', control.idle, true],
    ['ben', control.idle, true],
    ['ann', control.idle, false],
    ['ben', control.idle, false],
  ])
  // A new line starts with a new warning.
  idleRelease.check(line, 20 * MINUTE)
  expect(left).toEqual([])
})

it('the same input again is no activity, and neither is a message that the hook does not count', () => {
  const { idleRelease, left, of } = room({ ann: { lastActive: 0 }, ben: { lastActive: 0 } })
  for (let minute = 1; minute <= 16; minute++) {
    if (left.length === 0) idleRelease.noteSent(of('ann'), { type: control.input, data: 'still' }, minute * MINUTE)
    idleRelease.noteSent(of('ben'), { type: control.input, data: minute }, minute * MINUTE)
    idleRelease.check(line, minute * MINUTE)
  }
  expect(left).toEqual(['ann IDLE_RELEASED'])
})

it('M3: a player who is busy or on a move is not released, and another idle player is released instead', () => {
  const people = { ann: { lastActive: 0, busy: true }, ben: { lastActive: 0, moving: true }, cyd: { lastActive: MINUTE } }
  const { idleRelease, left } = room(people)
  for (let minute = 14; minute <= 20; minute++) idleRelease.check(line, minute * MINUTE)
  expect(left).toEqual(['cyd IDLE_RELEASED'])
  people.ann.busy = false
  idleRelease.check(line, 21 * MINUTE)
  idleRelease.check(line, 22 * MINUTE)
  expect(left).toEqual(['cyd IDLE_RELEASED', 'ann IDLE_RELEASED'])
})
