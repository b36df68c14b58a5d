import type { EnterRequest, LineAnswer, LineResponse, MoveAnswer, SeatAnswer } from '../model/wire/matchmaker.ts'
import { StrataClientError } from './errors.ts'
import type { MatchmakerApi } from './matchmakerApi.ts'

export interface WaitOptions {
  signal?: AbortSignal | undefined
  onLine?: ((line: LineAnswer) => void) | undefined
}

/** Pause before asking again after a failure on the way; the place in line is kept meanwhile (rule Q2). */
const RETRY_MS = 500

/** A seat for whoever is not in the world yet, however long the line is. Gives the place up when aborted. */
export async function waitForSeat(api: MatchmakerApi, wish: EnterRequest, options: WaitOptions): Promise<SeatAnswer> {
  const answer = await through(api, await api.enter(wish, options.signal), options)
  if ('seat' in answer) return answer.seat
  throw new StrataClientError('INTERNAL', 'the matchmaker answered a login with a move', false)
}

/** A move that was ordered for whoever is in the world. */
export async function waitForMove(api: MatchmakerApi, wish: EnterRequest, options: WaitOptions): Promise<MoveAnswer> {
  const answer = await through(api, await api.travel(wish, options.signal), options)
  if ('move' in answer) return answer.move
  throw new StrataClientError('INTERNAL', 'the matchmaker answered a travel with a seat', false)
}

async function through(api: MatchmakerApi, first: LineResponse, { signal, onLine }: WaitOptions): Promise<Exclude<LineResponse, { line: LineAnswer }>> {
  let answer = first
  while ('line' in answer) {
    const { line } = answer
    onLine?.(line)
    try {
      answer = await api.line(line.ticket, signal)
    } catch (error) {
      if (signal?.aborted === true) {
        await api.leaveLine(line.ticket).catch(() => undefined) // lapses by itself otherwise
        throw error
      }
      if (!(error instanceof StrataClientError && error.code === 'UNREACHABLE')) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
  return answer
}
