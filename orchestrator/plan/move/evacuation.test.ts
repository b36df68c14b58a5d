import { expect, it } from 'vitest'
import { toyPolicy } from '../testing/toyPolicy.ts'
import { type Person, ToyWorld } from '../testing/toyWorld.ts'
import { movers } from './movers.ts'

/** The default limit on moves. */
const policy = toyPolicy({ capacity: { soft: 100, hard: 120, company: 20 }, moves: { perMinute: 60 } })
const people = (prefix: string, n: number): Person[] =>
  Array.from({ length: n }, (_, i) => ({ character: `${prefix}${i}`, party: `${prefix}${Math.floor(i / 3)}` }))

/** Two servers with `copies` × `players` end after `noticeMs`; two others take the players. Returns how long it took until everybody was moved. */
function evacuate(copies: number, players: number, noticeMs: number): number {
  const world = new ToyWorld(policy)
  for (let n = 0; n < copies; n++) {
    if (n === 1) world.addServer('s2')
    world.addCopy(people(`c${n}-`, players), n % 2 === 0 ? 's1' : 's2')
  }
  const leaving = [...world.copies.keys()]
  world.addServer('s3')
  for (let n = 0; n < copies; n++) world.addCopy([], 's3')
  const leavesBy = world.now + noticeMs
  for (const id of ['s1', 's2']) {
    world.draining.add(id)
    const report = world.servers.get(id)
    if (report !== undefined) world.servers.set(id, { ...report, draining: true, leavesBy })
  }
  const began = world.now
  while (leaving.some((id) => (world.copies.get(id)?.seats.size ?? 0) > 0)) {
    if (world.now >= leavesBy) return Number.POSITIVE_INFINITY
    world.round()
  }
  expect(world.players).toBe(copies * players)
  return world.now - began
}

it.each([
  [8, 90, 570_000],
  [8, 90, 120_000],
  [8, 90, 60_000],
  [8, 90, 30_000],
  [30, 90, 30_000],
  [2, 10, 30_000],
])(
  '%i copies of %i players on two servers that end are moved before the last moment, with the default moves.perMinute, notice %i ms',
  (copies, players, noticeMs) => {
    expect(evacuate(copies, players, noticeMs)).toBeLessThanOrEqual(noticeMs - 15_000)
  },
)

it('with time enough the moves are spread, and a server that is only marked keeps to moves.perMinute', () => {
  expect(evacuate(2, 90, 3_600_000)).toBeGreaterThan(60_000)
  const world = new ToyWorld(policy)
  world.addCopy(people('a', 90))
  world.addServer('s2')
  world.addCopy([], 's2')
  world.draining.add('s1')
  for (let n = 0; n < 30; n++) world.round()
  expect(world.moved.length).toBeLessThanOrEqual(60)
})

it('the planner gets the friends of all players that it may move while a server ends', () => {
  const world = new ToyWorld(policy)
  const id = world.addCopy(people('a', 90))
  world.apply({ type: 'close', map: 'forest', copy: id, reason: 'drain', successors: [], deadline: world.now, why: '' })
  world.draining.add('s1')
  expect(movers(world.input())).toHaveLength(60)
  const report = world.servers.get('s1')
  if (report !== undefined) world.servers.set('s1', { ...report, draining: true, leavesBy: world.now + 30_000 })
  expect(movers(world.input())).toHaveLength(90)
})
