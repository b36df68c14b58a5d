import { describe, expect, it } from 'vitest'
import { type Standby, type StandbyEffect, type StandbyEvent, stepStandby } from './standby.ts'

function run(...events: StandbyEvent[]): { state: Standby['state']; effects: StandbyEffect[] } {
  let standby: Standby = { state: 'standing', move: 'move-1' }
  const effects: StandbyEffect[] = []
  for (const event of events) {
    const step = stepStandby(standby, event)
    standby = step.next
    effects.push(...step.effects)
  }
  return { state: standby.state, effects }
}
const activate: StandbyEvent = { type: 'activate', move: 'move-1', epoch: 4 }

describe('the destination of a move', () => {
  it('takes the seat, claims at the epoch of the release, and spawns the character', () => {
    expect(run(activate, { type: 'seated' }, { type: 'claimed' })).toEqual({
      state: 'ended',
      effects: [{ type: 'takeSeat' }, { type: 'claim', epoch: 4 }, { type: 'spawn' }],
    })
  })

  it('S1: spawns no body without a claim, and frees the seat', () => {
    for (const end of [{ type: 'missed' }, { type: 'broken' }] as const) {
      const { effects } = run(activate, { type: 'seated' }, end)
      expect(effects).not.toContainEqual({ type: 'spawn' })
      expect(effects).toContainEqual({ type: 'freeSeat' })
    }
  })

  it('S4: refuses to activate when the seat has expired', () => {
    const { effects } = run(activate, { type: 'unseated' })
    expect(effects.at(-1)).toEqual({ type: 'close', code: 'SEAT_EXPIRED' })
    expect(effects).not.toContainEqual({ type: 'claim', epoch: 4 })
  })

  it('S1: claims once when the client activates twice, even when it leaves in between', () => {
    const { effects } = run(activate, activate, { type: 'left' }, { type: 'seated' }, activate, { type: 'claimed' }, { type: 'claimed' })
    expect(effects.filter(({ type }) => type === 'claim')).toHaveLength(1)
    expect(effects.filter(({ type }) => type === 'spawn')).toHaveLength(1)
  })

  it('S5: a ticket for one move does not activate another', () => {
    const { state, effects } = run({ type: 'activate', move: 'move-2', epoch: 4 })
    expect(state).toBe('ended')
    expect(effects).toEqual([{ type: 'giveBackSeat' }, { type: 'close', code: 'MESSAGE_INVALID' }])
  })

  it('S4: gives the seat back when the client never activates', () => {
    expect(run({ type: 'left' }).effects).toEqual([{ type: 'giveBackSeat' }])
    expect(run({ type: 'expired' }).effects).toContainEqual({ type: 'close', code: 'SEAT_EXPIRED' })
  })
})
