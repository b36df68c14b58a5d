import { expect, it } from 'vitest'
import type { BotEvent } from '../../gameserver/demo/bots/eventLog.ts'
import { doublePresences } from './doublePresence.ts'

const live = (at: number, entity: number, copy: string): BotEvent => ({ at, bot: `b${entity}`, event: 'live', entity, copy, map: 'forest' })
const sees = (at: number, entity: number, copy: string, players: number[]): BotEvent => ({ at, bot: `b${entity}`, event: 'sees', entity, copy, players })

it('S1: finds a player who is seen in one copy while live in another', () => {
  const lines = [live(0, 1, 'a'), live(0, 2, 'b'), sees(10_000, 2, 'b', [1])]
  expect(doublePresences(lines)).toEqual([{ entity: 1, at: 10_000, seenIn: 'b', liveIn: 'a' }])
})

it('accepts a moved player who is briefly seen in the old copy, and players in their own copy', () => {
  expect(doublePresences([live(0, 1, 'a'), live(0, 2, 'a'), live(9_000, 1, 'b'), sees(10_000, 2, 'a', [1])])).toEqual([])
  expect(doublePresences([live(0, 1, 'a'), live(0, 2, 'a'), sees(10_000, 2, 'a', [1])])).toEqual([])
})

it('accepts the body of a player whose connection was lost', () => {
  const lost: BotEvent = { at: 5_000, bot: 'b1', event: 'lost', entity: 1, copy: 'a' }
  expect(doublePresences([live(0, 1, 'a'), live(0, 2, 'b'), lost, sees(10_000, 2, 'b', [1])])).toEqual([])
})
