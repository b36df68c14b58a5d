import { describe, expect, it } from 'vitest'
import type { Copy } from '../../model/copy.ts'
import type { Seat } from '../../model/seat.ts'
import { type HostingInput, planHosting } from './planHosting.ts'

const base = { map: 'forest', server: 'me', created: 0, since: 0 }
const open = (id: string): Copy => ({ ...base, id, state: 'open', address: 'ws://me' })
const closing = (id: string): Copy => ({ ...open(id), state: 'closing', address: 'ws://me', reason: 'merge', deadline: 9, successors: [] })
const seat = (character: string): Seat => ({ character, entity: 1, name: character, language: 'en', state: 'taken', since: 0 })

function plan(
  copies: Copy[],
  given: {
    rooms?: Record<string, Seat[]>
    known?: Copy[]
    seats?: [string, Seat][]
    draining?: boolean
    suspects?: string[]
    readAt?: number
    audit?: boolean
  } = {},
) {
  const rooms = new Map(Object.entries(given.rooms ?? {}).map(([id, seats]) => [id, { empty: seats.length === 0, seats: () => seats }]))
  const input: HostingInput = {
    server: 'me',
    snapshots: [{ map: 'forest', seq: 1, copies, seats: (given.seats ?? []).map(([copy, one]) => ({ copy, seat: one })), waiting: 0 }],
    rooms,
    known: new Map((given.known ?? []).map((copy) => [copy.id, copy])),
    draining: given.draining ?? false,
    suspects: new Set(given.suspects ?? []),
    audit: given.audit ?? true,
    readAt: given.readAt ?? 0,
  }
  return planHosting(input)
}
const kinds = (of: ReturnType<typeof plan>): string[] => of.actions.map(({ type, copy }) => `${type} ${copy.id}`)

describe('the copies of a server', () => {
  it('C5: need no action when they match the directory', () => {
    expect(kinds(plan([open('f1')], { rooms: { f1: [seat('ann')] }, known: [open('f1')], seats: [['f1', seat('ann')]] }))).toEqual([])
  })

  it('are opened, unless the server is draining', () => {
    const opening: Copy = { ...base, id: 'f1', state: 'opening' }
    expect(kinds(plan([opening]))).toEqual(['open f1'])
    expect(kinds(plan([opening], { draining: true }))).toEqual(['remove f1'])
    expect(kinds(plan([{ ...opening, server: 'other' }]))).toEqual([])
  })

  it('C2: are removed when they are closing, empty and without seats', () => {
    expect(kinds(plan([closing('f1')], { rooms: { f1: [] }, known: [open('f1')] }))).toEqual(['remove f1'])
    expect(kinds(plan([closing('f1')], { rooms: { f1: [] }, known: [closing('f1')], seats: [['f1', seat('ann')]] }))).toEqual([])
    expect(kinds(plan([closing('f1')], { rooms: { f1: [seat('ann')] }, known: [open('f1')], seats: [['f1', seat('ann')]] }))).toEqual(['follow f1'])
  })

  it('D1: are restored when the directory has lost them, but only on maps that were read', () => {
    expect(kinds(plan([], { rooms: { f1: [seat('ann')], h1: [] }, known: [open('f1'), { ...open('h1'), map: 'hills' }] }))).toEqual(['restore f1'])
  })

  it('D2: are removed when an earlier process of this server hosted them', () => {
    expect(kinds(plan([open('f1')]))).toEqual(['remove f1'])
  })

  it('S3: have their seats corrected when two audits in a row find the same difference', () => {
    const given = { rooms: { f1: [seat('ann')] }, known: [open('f1')], seats: [['f1', seat('bob')]] as [string, Seat][] }
    const first = plan([open('f1')], given)
    expect(kinds(first)).toEqual([])
    const second = plan([open('f1')], { ...given, suspects: [...first.suspects] })
    expect(second.actions).toEqual([
      { type: 'reseat', copy: open('f1'), seats: [seat('ann')] },
      { type: 'unseat', copy: open('f1'), character: 'bob' },
    ])
  })
})

it('S3, D1: a seat that was taken before the read and is missing in it is written again at once, and one that was taken during the read is not', () => {
  const [early, late] = [seat('ann'), { ...seat('bob'), since: 20 }]
  const given = { rooms: { f1: [early, late] }, known: [open('f1')], audit: false, readAt: 20 }
  expect(plan([open('f1')], given).actions).toEqual([{ type: 'reseat', copy: open('f1'), seats: [early] }])
  expect(kinds(plan([open('f1')], { ...given, seats: [['f1', early]] }))).toEqual([])
  // A hold of the same character does not say that it is here.
  const held: Seat = { character: 'ann', entity: 1, name: 'ann', language: 'en', state: 'held', deadline: 99 }
  expect(kinds(plan([open('f1')], { ...given, seats: [['f1', held]] }))).toEqual(['reseat f1'])
})

it('S6: a seat that differs than the room is read again when two audits in a row find it', () => {
  const member = { ...seat('ann'), party: 'p' }
  const given = { rooms: { f1: [member] }, known: [open('f1')], seats: [['f1', seat('ann')]] as [string, Seat][] }
  const first = plan([open('f1')], given)
  expect(kinds(first)).toEqual([])
  expect(plan([open('f1')], { ...given, suspects: [...first.suspects] }).actions).toMatchObject([{ type: 'redescribe', seats: [seat('ann')] }])
  // Redis may change the order of the names.
  const [one, other] = [
    { ...seat('ann'), attributes: { a: 1, b: 2 } },
    { ...seat('ann'), attributes: { b: 2, a: 1 } },
  ]
  expect(kinds(plan([open('f1')], { ...given, rooms: { f1: [one] }, seats: [['f1', other]], suspects: [...first.suspects] }))).toEqual([])
})
