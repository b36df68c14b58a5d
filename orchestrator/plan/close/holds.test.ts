import { expect, it } from 'vitest'
import { defined } from '../../../model/defined.ts'
import { holdsInForce } from '../../../model/placement/hold.ts'
import { emptyMemory, type PlanInput } from '../action.ts'
import { plan } from '../plan.ts'
import { toyPolicy } from '../testing/toyPolicy.ts'
import { ToyWorld } from '../testing/toyWorld.ts'

const OLD = -3_600_000

/** Three old copies with one player each: two of them are merged. */
function sparse(): ToyWorld {
  const world = new ToyWorld(toyPolicy())
  for (const character of ['a', 'b', 'c']) world.addCopy([{ character }], 's1', world.now + OLD)
  return world
}

function closed(world: ToyWorld, holds?: PlanInput['holds']): string[] {
  const { actions } = plan({ ...world.input(), memory: emptyMemory, ...defined({ holds }) })
  return actions.flatMap((action) => (action.type === 'close' ? [action.copy] : []))
}

it('a pinned copy is not merged, and the others are merged into it', () => {
  const world = sparse()
  const [first = ''] = closed(world)
  expect(first).not.toBe('')
  const pinned = closed(world, { maps: new Set(), copies: new Set([first]) })
  expect(pinned).not.toContain(first)
  expect(pinned).toHaveLength(2)
})

it('no copy of a map is merged while its merges are held; other maps are as before', () => {
  const world = sparse()
  expect(closed(world, { maps: new Set([world.policy.map]), copies: new Set() })).toEqual([])
  expect(closed(world, { maps: new Set(['elsewhere']), copies: new Set() })).toHaveLength(2)
})

it('holds end at their instant', () => {
  const hold = { id: 'h', map: 'forest', until: 100, actor: 'anna', reason: 'event' }
  const pin = { ...hold, copy: 'forest-1', until: 200 }
  expect(holdsInForce([hold, pin], 99)).toEqual({ maps: new Set(['forest']), copies: new Set(['forest-1']) })
  expect(holdsInForce([hold, pin], 100)).toEqual({ maps: new Set(), copies: new Set(['forest-1']) })
  expect(holdsInForce([hold, pin], 200)).toEqual({ maps: new Set(), copies: new Set() })
})
