import { backoffMs } from '../../model/retry/backoff.ts'
import type { EnterRequest, LineAnswer, LineResponse, MoveAnswer, SeatAnswer, TravelRequest } from '../../model/wire/matchmaker.ts'
import type { PlacementApi } from '../api/placementApi.ts'
import { StrataClientError } from '../errors.ts'
import { pause, retryTimes } from '../retry.ts'

/** Where the player wants to go. The client adds the other fields of the request. */
export type Wish = Omit<TravelRequest, 'protocol' | 'class' | 'border'>

export interface WaitOptions {
  signal?: AbortSignal | undefined
  onLine?: ((line: LineAnswer) => void) | undefined
}

/** Gets a seat for a character who is not in the world, waiting in line if needed. Gives up the place when aborted. */
export async function waitForSeat(api: PlacementApi, wish: EnterRequest, options: WaitOptions): Promise<SeatAnswer> {
  const answer = await waitInLine(api, await api.enter(wish, options.signal), options)
  if ('seat' in answer) return answer.seat
  throw new StrataClientError('MOVE_IN_PROGRESS', 'the character is in the world already and is being moved', true)
}

/** Orders a move for a character who is in the world, waiting in line if needed. */
export async function waitForMove(api: PlacementApi, wish: TravelRequest, options: WaitOptions): Promise<MoveAnswer> {
  const answer = await waitInLine(api, await api.travel(wish, options.signal), options)
  if ('move' in answer) return answer.move
  throw new StrataClientError('NOT_IN_WORLD', 'the character was not in the world when its turn came', true)
}

/** Waits in line until the turn comes. Retries after failures; the matchmaker keeps the place meanwhile (rule Q2). */
async function waitInLine(api: PlacementApi, first: LineResponse, { signal, onLine }: WaitOptions): Promise<Exclude<LineResponse, { line: LineAnswer }>> {
  let answer = first
  let failures = 0
  while ('line' in answer) {
    const { line } = answer
    onLine?.(line)
    try {
      answer = await api.line(line.ticket, signal)
      failures = 0
    } catch (error) {
      if (signal?.aborted === true) {
        await api.leaveLine(line.ticket).catch(() => undefined) // without this call the place lapses later
        throw error
      }
      if (!(error instanceof StrataClientError) || !error.retryable || error.code === 'LINE_UNKNOWN') throw error
      await pause(backoffMs(retryTimes, ++failures, Math.random), signal)
    }
  }
  return answer
}
