import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CLAIM_TIMEOUT_MS, type MoveCause, type MoveOrder, STANDBY_TIMEOUT_MS } from '../../../model/move.ts'
import { beginMove, type SourceEffect, type SourceEvent, type SourceMove, stepSource } from './sourceMove.ts'

const orderOf = (cause: MoveCause = 'merge', members = ['ann', 'ben']): MoveOrder => ({
  id: 'move-1',
  cause,
  members: members.map((character) => ({ character, ticket: `ticket of ${character}` })),
  from: { map: 'forest', copy: 'A', server: 'a' },
  to: { map: 'forest', copy: 'B', server: 'b', address: 'ws://b', heldUntil: 0 },
  ordered: 0,
  deadline: 60_000,
})

function run(order: MoveOrder, ...events: SourceEvent[]): { state: SourceMove; effects: SourceEffect[] } {
  let { next: state, effects } = beginMove(order, 0)
  for (const event of events) {
    const step = stepSource(state, event)
    state = step.next
    effects = [...effects, ...step.effects]
  }
  return { state, effects }
}
const arrived = (character: string, busy: string[] = []): SourceEvent => ({ type: 'arrived', character, busy })
const kinds = (effects: SourceEffect[]): string[] => effects.map((effect) => ('character' in effect ? `${effect.type} ${effect.character}` : effect.type))

describe('the source of a move', () => {
  it('releases the whole party as soon as its last member has arrived, and is done when all are claimed', () => {
    const { state, effects } = run(
      orderOf(),
      arrived('ann'),
      arrived('ben'),
      { type: 'released', now: 100 },
      { type: 'claimed', character: 'ben' },
      { type: 'claimed', character: 'ann' },
    )
    expect(kinds(effects)).toEqual(['offer ann', 'offer ben', 'release', 'go ann', 'go ben', 'depart ben', 'depart ann', 'settle'])
    expect(effects.at(-1)).toEqual({ type: 'settle', outcome: { id: 'move-1', cause: 'merge', members: 2, state: 'done' } })
    expect(state.state).toBe('done')
  })

  it.each<[string, SourceEvent, string]>([
    ['declines', { type: 'declined', character: 'ben', reason: 'unreachable' }, 'failed'],
    ['drops', { type: 'gone', character: 'ben' }, 'cancelled'],
    ['does not arrive in time', { type: 'tick', now: STANDBY_TIMEOUT_MS, busy: [] }, 'failed'],
  ])('M2: the whole party plays on in A when a member %s', (_, event, end) => {
    const { state, effects } = run(orderOf(), arrived('ann'), event)
    expect(state.state).toBe(end)
    expect(kinds(effects).slice(2)).toEqual(['giveBackSeat ann', 'stay ann', 'giveBackSeat ben', 'stay ben', 'settle'])
  })

  it('M2: the whole party plays on in A when the database refuses the release', () => {
    const { state, effects } = run(orderOf(), arrived('ann'), arrived('ben'), { type: 'refused', reason: 'stale' })
    expect(state.state).toBe('failed')
    expect(kinds(effects)).toContain('stay ann')
  })

  it('C2: past the deadline of a drain or merge, a member who does not arrive, declines, or is claimed back is rescued, and the others stay', () => {
    const late: SourceEvent = { type: 'tick', now: 60_000, busy: [] }
    for (const cause of ['drain', 'merge'] as const) {
      expect(kinds(run(orderOf(cause), arrived('ann'), late).effects).slice(-2)).toEqual(['settle', 'rescue ben'])
      const declined: SourceEvent = { type: 'declined', character: 'ben', reason: 'unreachable', overdue: true }
      expect(kinds(run(orderOf(cause), arrived('ann'), declined).effects).slice(-2)).toEqual(['settle', 'rescue ben'])
      const back: SourceEvent[] = [
        { type: 'released', now: 60_000 },
        { type: 'claimed', character: 'ann' },
        { type: 'tick', now: 60_000 + CLAIM_TIMEOUT_MS, busy: [] },
        { type: 'reclaimed', character: 'ben', won: true, overdue: true },
      ]
      expect(kinds(run(orderOf(cause), arrived('ann'), arrived('ben'), ...back).effects).at(-1)).toBe('rescue ben')
    }
    // A server that stops shortens the deadline. Before it, and on a travel, nobody is disconnected.
    const tick: SourceEvent = { type: 'tick', now: STANDBY_TIMEOUT_MS, busy: [] }
    expect(kinds(run(orderOf('drain'), { ...tick, until: 5_000 }).effects).slice(-2)).toEqual(['rescue ann', 'rescue ben'])
    expect(kinds(run(orderOf('drain'), tick).effects).filter((kind) => kind.startsWith('rescue'))).toEqual([])
    expect(kinds(run(orderOf('travel'), late).effects).filter((kind) => kind.startsWith('rescue'))).toEqual([])
  })

  it('M3: the party waits until no member is busy', () => {
    const waiting = run(orderOf(), arrived('ann'), arrived('ben', ['ann']), { type: 'tick', now: 59_999, busy: ['ann'] })
    expect(waiting.state.state).toBe('standing')
    expect(kinds(waiting.effects)).not.toContain('release')
    expect(run(orderOf(), arrived('ann'), arrived('ben', ['ann']), { type: 'tick', now: 500, busy: [] }).state.state).toBe('releasing')
  })

  it('M3: after the deadline, drains and merges move busy members and a travel fails', () => {
    const late: SourceEvent = { type: 'tick', now: 60_000, busy: ['ann'] }
    expect(run(orderOf('drain'), arrived('ann'), arrived('ben', ['ann']), late).state.state).toBe('releasing')
    expect(run(orderOf('merge'), arrived('ann'), arrived('ben', ['ann']), late).state.state).toBe('releasing')
    expect(run(orderOf('travel'), arrived('ann'), arrived('ben', ['ann']), late).state.state).toBe('failed')
  })

  it('M3: a stopping server waits for busy members until its own deadline, even when the order allows longer', () => {
    const tick = (now: number): SourceEvent => ({ type: 'tick', now, busy: ['ann'], until: 30_000 })
    const standing = [arrived('ann'), arrived('ben', ['ann'])] as const
    expect(run(orderOf('merge'), ...standing, tick(29_999)).state.state).toBe('standing')
    expect(run(orderOf('merge'), ...standing, tick(30_000)).state.state).toBe('releasing')
  })

  it('M3: players who are busy until the deadline of a reunite move stay, and a merge moves them', () => {
    const busy: SourceEvent[] = [arrived('ann'), arrived('ben', ['ben']), { type: 'tick', now: 60_000, busy: ['ben'] }]
    expect(run(orderOf('reunite'), ...busy).state.state).toBe('cancelled')
    expect(run(orderOf('merge'), ...busy).state.state).toBe('releasing')
  })

  it('M2: a border move is cancelled when the player does not cross in time or another order arrives', () => {
    const waiting = [arrived('ann'), arrived('ben', ['ann'])] as const
    const late: SourceEvent = { type: 'tick', now: 60_000, busy: ['ann'] }
    expect(run(orderOf('border'), ...waiting, late).state.state).toBe('cancelled')
    expect(run(orderOf('border'), ...waiting, { type: 'superseded' }).state.state).toBe('cancelled')
    expect(run(orderOf('border'), ...waiting, { type: 'tick', now: 500, busy: [] }).state.state).toBe('releasing')
  })

  it('S1: a member that is not claimed in time is claimed back once', () => {
    const late: SourceEvent = { type: 'tick', now: 100 + CLAIM_TIMEOUT_MS, busy: [] }
    const released = [arrived('ann'), arrived('ben'), { type: 'released', now: 100 }, { type: 'claimed', character: 'ann' }, late, late] as const
    const back = run(orderOf(), ...released, { type: 'reclaimed', character: 'ben', won: true })
    expect(kinds(back.effects).filter((kind) => kind === 'reclaim ben')).toHaveLength(1)
    expect(back.effects.at(-1)).toMatchObject({ outcome: { state: 'reclaimed' } })
    const left = run(orderOf(), ...released, { type: 'gone', character: 'ben' }, { type: 'reclaimed', character: 'ben', won: true })
    expect(left.effects.at(-1)).toMatchObject({ outcome: { state: 'cancelled' } })
    const early = [
      arrived('ann'),
      arrived('ben'),
      { type: 'gone', character: 'ben' },
      { type: 'released', now: 100 },
      { type: 'claimed', character: 'ann' },
      late,
    ] as const
    expect(run(orderOf(), ...early, { type: 'reclaimed', character: 'ben', won: true }).effects.at(-1)).toMatchObject({ outcome: { state: 'cancelled' } })
    const faster = run(orderOf(), ...released, { type: 'reclaimed', character: 'ben', won: false })
    expect(kinds(faster.effects).slice(-2)).toEqual(['depart ben', 'settle'])
    expect(faster.state.state).toBe('done')
  })

  it('S1: in any order of events, each member departs or returns at most once and the move is settled at most once', () => {
    const characters = ['ann', 'ben', 'cyd']
    const character = fc.constantFrom(...characters)
    const now = fc.integer({ min: 0, max: 120_000 })
    const busy = fc.subarray(characters)
    const event: fc.Arbitrary<SourceEvent> = fc.oneof(
      { weight: 6, arbitrary: fc.record({ type: fc.constant('arrived' as const), character, busy: fc.constant<string[]>([]) }) },
      fc.record({ type: fc.constant('declined' as const), character, reason: fc.constant('no') }),
      fc.record({ type: fc.constant('tick' as const), now, busy }),
      fc.record({ type: fc.constant('released' as const), now }),
      fc.record({ type: fc.constant('claimed' as const), character }),
      fc.record({ type: fc.constant('reclaimed' as const), character, won: fc.boolean() }),
    )
    let settled = 0
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.constantFrom<MoveCause>('merge', 'travel'), (events, cause) => {
        const { state, effects } = run(orderOf(cause, characters), ...events)
        const count = (kind: string): number => kinds(effects).filter((one) => one === kind).length
        for (const one of characters) {
          expect(count(`depart ${one}`) + count(`return ${one}`)).toBeLessThanOrEqual(1)
          expect(count(`stay ${one}`) === 0 || count(`depart ${one}`) === 0).toBe(true)
        }
        const ended = ['done', 'failed', 'cancelled', 'reclaimed'].includes(state.state)
        expect(count('settle')).toBe(ended ? 1 : 0)
        expect(count('release')).toBeLessThanOrEqual(1)
        if (ended) settled++
      }),
    )
    expect(settled).toBeGreaterThan(10)
  })
})
