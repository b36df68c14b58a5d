import type { EnterRequest, LineAnswer, LineResponse, MoveAnswer, SeatAnswer } from '../../model/wire/matchmaker.ts'
import { StrataClientError } from '../errors.ts'
import { pauseBefore } from '../retry.ts'
import type { MatchmakerApi } from './matchmakerApi.ts'

/** Where somebody wants to be; the rest of the request is the client's own. */
export type Wish = Omit<EnterRequest, 'protocol' | 'class' | 'border'>

export interface WaitOptions {
  signal?: AbortSignal | undefined
  onLine?: ((line: LineAnswer) => void) | undefined
}

/** A seat for whoever is not in the world yet, however long the line is. Gives the place up when aborted. */
export async function waitForSeat(api: MatchmakerApi, wish: EnterRequest, options: WaitOptions): Promise<SeatAnswer> {
  const answer = await through(api, await api.enter(wish, options.signal), options)
  if ('seat' in answer) return answer.seat
  throw new StrataClientError('MOVE_IN_PROGRESS', 'the character is in the world already, and on its way', true)
}

/** A move that was ordered for whoever is in the world. */
export async function waitForMove(api: MatchmakerApi, wish: EnterRequest, options: WaitOptions): Promise<MoveAnswer> {
  const answer = await through(api, await api.travel(wish, options.signal), options)
  if ('move' in answer) return answer.move
  throw new StrataClientError('NOT_IN_WORLD', 'the character was not in the world when its turn came', true)
}

/** Stands in line until the turn comes. A failure on the way is waited out: the place is kept meanwhile (rule Q2). */
async function through(api: MatchmakerApi, first: LineResponse, { signal, onLine }: WaitOptions): Promise<Exclude<LineResponse, { line: LineAnswer }>> {
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
        await api.leaveLine(line.ticket).catch(() => undefined) // lapses by itself otherwise
        throw error
      }
      if (!(error instanceof StrataClientError) || !error.retryable || error.code === 'LINE_UNKNOWN') throw error
      await pauseBefore(++failures, signal)
    }
  }
  return answer
}
