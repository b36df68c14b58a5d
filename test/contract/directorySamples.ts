import type { Directory } from '../../directory/directory.ts'
import { type Copy, openedCopy } from '../../model/copy.ts'
import type { LineEntry } from '../../model/line.ts'
import type { MoveOrder } from '../../model/move.ts'
import type { Seat, SeatHolder, SeatRequest } from '../../model/seat.ts'

export const map = 'forest'
export const T0 = 1_700_000_000_000

export const openingCopy = (id: string): Copy => ({ state: 'opening', id, map, server: 'server-1', created: T0, since: T0 })
export const openCopy = (id: string): Copy & { state: 'open' } => openedCopy(openingCopy(id), 'ws://127.0.0.1:7000', T0)
export const holder = (character: string, more: Partial<SeatHolder> = {}): SeatHolder => ({ character, entity: 1, name: character, language: 'en', ...more })
export const request = (characters: string[], copies: string[], limit: number, more: Partial<SeatRequest> = {}): SeatRequest => ({
  map,
  holders: characters.map((character) => holder(character)),
  options: copies.map((copy) => ({ copy, limit })),
  now: T0,
  deadline: T0 + 15_000,
  ...more,
})
export const entry = (id: string, arrived: number, more: Partial<LineEntry> = {}): LineEntry => ({
  id,
  map,
  rank: 0,
  arrived,
  holders: [holder(id)],
  keepUntil: T0 + 120_000,
  ...more,
})
export const orderFrom = (server: string): MoveOrder => ({
  id: 'm',
  cause: 'merge',
  members: [{ character: 'x', ticket: 't' }],
  from: { map, copy: 'a', server },
  to: { map, copy: 'b', server: 'target', address: 'ws://127.0.0.1:1', heldUntil: T0 },
  ordered: T0,
  deadline: T0 + 1000,
})

/** The state of each seat of a copy in the directory, by character. */
export async function seatStates(directory: Directory, copy: string): Promise<Map<string, Seat['state']>> {
  return new Map((await directory.snapshot(map)).seats.filter((seat) => seat.copy === copy).map(({ seat }) => [seat.character, seat.state]))
}
