import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type FollowEffect, type FollowEvent, type Following, follow, withheld } from './moveFollower.ts'

const offer = (move: string) => ({ move, cause: 'merge' as const, map: 'forest', copy: 'b', address: 'ws://b', ticket: 't', companions: [] })
const go = (move: string): FollowEvent => ({ type: 'go', go: { move, epoch: 3, lastInput: 10 } })
const stay = (move: string): FollowEvent => ({ type: 'stay', stay: { move, reason: 'busy', lastInput: 10 } })

function run(...events: FollowEvent[]): { state: Following['state']; effects: FollowEffect['type'][] } {
  let following: Following = { state: 'idle' }
  const effects: FollowEffect['type'][] = []
  for (const event of events) {
    const step = follow(following, event)
    following = step.next
    effects.push(...step.effects.map(({ type }) => type))
  }
  return { state: following.state, effects }
}
const offered: FollowEvent = { type: 'offer', offer: offer('m') }
const connected: FollowEvent = { type: 'connected', move: 'm' }
const closedB: FollowEvent = { type: 'destinationClosed', reason: 'gone' }
const closedA: FollowEvent = { type: 'sourceClosed' }

it('M5: make before break: connect, arrive, activate; the client swaps from A to B only when B is live', () => {
  expect(run(offered, connected, go('m'), { type: 'live' })).toEqual({ state: 'idle', effects: ['connect', 'arrived', 'activate', 'swap'] })
  expect(run(offered, connected, { type: 'live' })).toMatchObject({ state: 'standing' })
})

it('M2: after a failure before the release the player stays in A', () => {
  expect(run(offered, { type: 'refused', move: 'm', reason: 'full' }, stay('m'))).toEqual({ state: 'idle', effects: ['connect', 'decline', 'stay'] })
  expect(run(offered, connected, closedB)).toEqual({ state: 'idle', effects: ['connect', 'arrived', 'decline'] })
  expect(run(offered, connected, stay('m'))).toEqual({ state: 'idle', effects: ['connect', 'arrived', 'leaveDestination', 'stay'] })
})

it('M2: when B is lost after the release, A is asked to reclaim and the player stays there', () => {
  expect(run(offered, connected, go('m'), closedB, stay('m')).effects).toEqual(['connect', 'arrived', 'activate', 'decline', 'leaveDestination', 'stay'])
})

it('D2: when A and B are both gone, the player enters again through the matchmaker', () => {
  expect(run(offered, connected, go('m'), closedA, closedB).effects.at(-1)).toBe('enterAgain')
  expect(run(offered, connected, go('m'), closedB, closedA).effects.at(-1)).toBe('enterAgain')
  expect(run(offered, connected, go('m'), { type: 'timeout' }).effects.at(-1)).toBe('enterAgain')
  expect(run(closedA).effects).toEqual(['enterAgain'])
})

it('when A closes while B claims, the player still arrives in B', () => {
  expect(run(offered, connected, go('m'), closedA, { type: 'live' }).effects).toEqual(['connect', 'arrived', 'activate', 'swap'])
})

it('the refusal of another move is reported and does not change the current move', () => {
  expect(run(offered, connected, go('m'), stay('n'))).toEqual({ state: 'going', effects: ['connect', 'arrived', 'activate', 'refused'] })
})

it('a newer offer replaces one that was not released yet; the same offer again changes nothing', () => {
  expect(run(offered, offered).effects).toEqual(['connect'])
  expect(run(offered, connected, { type: 'offer', offer: offer('n') }, connected)).toEqual({
    state: 'connecting',
    effects: ['connect', 'arrived', 'leaveDestination', 'connect'],
  })
})

it('M5: for every order of events, withheld inputs end in exactly one swap, stay or enterAgain', () => {
  const event = fc.constantFrom<FollowEvent>(offered, connected, go('m'), { type: 'live' }, stay('m'), closedA, closedB, {
    type: 'refused',
    move: 'm',
    reason: 'no',
  })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), (events) => {
      let following: Following = { state: 'idle' }
      for (const one of [...events, { type: 'timeout' } as const]) {
        const before = following
        const { next, effects }: ReturnType<typeof follow> = follow(before, one)
        following = next
        const ends = effects.filter(({ type }) => type === 'swap' || type === 'stay' || type === 'enterAgain')
        if (withheld(before) && !withheld(next)) expect(ends).toHaveLength(1)
        if (effects.some(({ type }) => type === 'activate')) expect(before.state).toBe('standing')
      }
      expect(withheld(following)).toBe(false)
    }),
  )
})
