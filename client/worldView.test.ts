import { expect, it } from 'vitest'
import { FIRST_THING } from '../model/ids.ts'
import type { EntityView, Snapshot } from '../model/wire/snapshot.ts'
import { GRACE_MS, WorldView } from './worldView.ts'

const entity = (id: number, x = 0): EntityView => ({ id, kind: 0, x, y: 0, heading: 0, flags: 0, name: `n${id}` })
const snapshot = (part: Partial<Snapshot>): Snapshot => ({ tick: 1, lastInput: 0, full: false, entered: [], changed: [], left: [], ...part })
const full = (...ids: number[]): Snapshot => snapshot({ full: true, entered: ids.map((id) => entity(id, 9)) })

it('M5: an entity that both servers show stays the same object', () => {
  const view = new WorldView()
  view.apply(full(1, 2, 3), 0)
  const [own, other] = [view.entities.get(1), view.entities.get(2)]
  view.keepUntilShown([], 100)
  const change = view.apply(full(1, 2, 4), 110)
  expect(view.entities.get(1)).toBe(own)
  expect(view.entities.get(2)).toBe(other)
  expect(change.entered.map(({ id }) => id)).toEqual([4])
  expect(change.left.map(({ id }) => id)).toEqual([3])
})

it('M5: a companion that B does not show yet neither leaves nor enters the view again', () => {
  const view = new WorldView()
  view.apply(full(1, 2, FIRST_THING), 0)
  const companion = view.entities.get(2)
  view.keepUntilShown([2, FIRST_THING], 100)
  expect(view.apply(full(1), 110).left).toEqual([])
  expect(view.awaiting).toBe(true)
  expect(view.apply(snapshot({ changed: [entity(1, 5)] }), 500).left).toEqual([])
  const shown = view.apply(snapshot({ entered: [entity(2, 7), entity(FIRST_THING)] }), 900)
  expect(shown).toEqual({ entered: [], left: [] })
  expect(view.awaiting).toBe(false)
  expect(view.entities.get(2)).toBe(companion)
  expect(companion?.x).toBe(7)
  // From now on B's snapshots decide about it at once, as about other entities.
  expect(view.apply(snapshot({ left: [2] }), 1_000).left).toEqual([companion])
})

it('M5: an entity that B never shows is removed after the grace time', () => {
  const view = new WorldView()
  view.apply(full(1, 2), 0)
  view.keepUntilShown([2], 100)
  view.apply(full(1), 110)
  expect(view.apply(snapshot({}), 100 + GRACE_MS - 1).left).toEqual([])
  expect(view.apply(snapshot({}), 100 + GRACE_MS).left.map(({ id }) => id)).toEqual([2])
})
