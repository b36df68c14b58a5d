import { expect, it } from 'vitest'
import type { Decision } from '../../../model/placement/decision.ts'
import { policy } from '../testing/world.ts'
import { loadLastMoves } from './loadLastMoves.ts'

const now = 10_000_000
const decision = (minutesAgo: number, characters: string[], cause: string, kind: Decision['kind'] = 'move'): Decision => ({
  id: `${minutesAgo} ${characters.join(' ')}`,
  at: now - minutesAgo * 60_000,
  kind,
  map: 'forest',
  characters,
  reason: '',
  policyVersion: '1',
  candidates: [],
  inputs: { cause },
})

it('M4: a new leader reads from the decisions when each character was last moved against their will', async () => {
  const decisions = [
    decision(1, ['ada'], 'merge'),
    decision(5, ['ada', 'bob'], 'drain'),
    decision(4, ['ann'], 'reunite'),
    decision(6, ['eve'], 'travel'),
    decision(7, ['tom'], 'merge', 'place'),
    decision(45, ['kim'], 'merge'),
  ]
  const store = { decisionsOn: async (map: string) => (map === 'forest' ? decisions : []) }
  const policies = new Map([
    ['forest', policy('forest', { moves: { perPlayerEvery: '30m' } })],
    ['hills', policy('hills')],
  ])
  const lastMoved = await loadLastMoves(store, policies, now)
  // Oldest first, as the planner expects.
  expect([...lastMoved]).toEqual([
    ['bob', now - 300_000],
    ['ann', now - 240_000],
    ['ada', now - 60_000],
  ])
})
