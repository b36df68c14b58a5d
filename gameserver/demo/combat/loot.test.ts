import { expect, it } from 'vitest'
import { defined } from '../../../model/defined.ts'
import type { Body } from '../../zone/zoneRoom.ts'
import { species } from '../creatures/species.ts'
import { OWED_MAX } from '../grants.ts'
import { type DemoState, freshState } from '../state.ts'
import { Loot } from './loot.ts'
import { nextInTurn } from './turns.ts'

function bodyOf(id: number, party?: string, x = 0): Body<DemoState> {
  const holder = { character: `c${id}`, entity: id, name: `Player ${id}`, language: 'en', ...defined({ party }) }
  return { id, kind: 0, x, y: 0, heading: 0, flags: 0, name: holder.name, holder, state: freshState() }
}
const owedTo = (...bodies: Body<DemoState>[]): number[] => bodies.map(({ state }) => state.owed.length)

it('a drop goes to the killer alone, or to the members of its party who are near, one after the other', () => {
  const loot = new Loot()
  const [ann, ben, cato, stranger, far] = [bodyOf(1, 'p'), bodyOf(2, 'p'), bodyOf(3), bodyOf(4, 'q'), bodyOf(5, 'p', 100)]
  const all = [ann, ben, cato, stranger, far]
  for (let kill = 1; kill <= 4; kill++) expect(loot.share(`kill ${kill}`, species.boar, ann, all)).toHaveLength(1)
  expect(owedTo(...all)).toEqual([2, 2, 0, 0, 0])
  expect(ann.state.owed).toEqual([
    { id: 'kill 1', kinds: ['hide'], from: 'loot' },
    { id: 'kill 3', kinds: ['hide'], from: 'loot' },
  ])
  loot.share('kill 5', species.boar, cato, all)
  expect(owedTo(...all)).toEqual([2, 2, 1, 0, 0])
})

it('the king gives each member of the party something', () => {
  const all = [bodyOf(1, 'p'), bodyOf(2, 'p'), bodyOf(3, 'q')]
  const [ann] = all
  if (ann === undefined) throw new Error('three bodies')
  expect(new Loot().share('kill', species.king, ann, all).map(({ id }) => id)).toEqual([1, 2])
  expect(owedTo(...all)).toEqual([1, 1, 0])
})

it('nobody is owed more than the limit: the drop goes to the next member, or to nobody', () => {
  const [ann, ben] = [bodyOf(1, 'p'), bodyOf(2, 'p')]
  const loot = new Loot()
  for (const body of [ann, ben]) body.state.owed = Array.from({ length: OWED_MAX }, (_, n) => ({ id: String(n), kinds: ['hide'], from: 'loot' as const }))
  ben.state.owed = ben.state.owed.slice(1)
  expect(loot.share('kill 1', species.boar, ann, [ann, ben])).toEqual([ben])
  expect(loot.share('kill 2', species.boar, ann, [ann, ben])).toEqual([])
  expect(owedTo(ann, ben)).toEqual([OWED_MAX, OWED_MAX])
})

it('turns go on after the last one, also when members come and go', () => {
  expect(nextInTurn([3, 1, 2], undefined)).toBe(1)
  expect(nextInTurn([3, 1, 2], 1)).toBe(2)
  expect(nextInTurn([3, 1], 2)).toBe(3)
  expect(nextInTurn([3, 1], 3)).toBe(1)
  expect(nextInTurn([], 3)).toBeUndefined()
})
