import type { MoveAnswer } from '../model/wire/matchmaker.ts'
import type { Emitter } from './emitter.ts'
import { StrataClientError } from './errors.ts'
import type { MovedEvent, WorldEvents } from './worldEvents.ts'

/** Longest time from the order to the arrival, in ms. The server's own deadline is shorter. */
const TRAVEL_TIMEOUT_MS = 40_000

/** Resolves when the move that `order` returns is done, and rejects when it fails. The room's event may arrive before the matchmaker's answer. */
export async function completeTravel(world: Pick<Emitter<WorldEvents>, 'on'>, order: () => Promise<MoveAnswer>): Promise<MovedEvent> {
  const done = Promise.withResolvers<MovedEvent>()
  done.promise.catch(() => undefined) // it may reject before it is awaited
  const outcomes = new Map<string, MovedEvent | StrataClientError>()
  let ordered: string | undefined
  const settle = (): void => {
    const outcome = ordered === undefined ? undefined : outcomes.get(ordered)
    if (outcome instanceof StrataClientError) done.reject(outcome)
    else if (outcome !== undefined) done.resolve(outcome)
  }
  const offs = [
    world.on('moved', (event) => {
      outcomes.set(event.move, event)
      settle()
    }),
    world.on('moveFailed', ({ move, reason }) => {
      outcomes.set(move, new StrataClientError('MOVE_FAILED', `the move did not happen: ${reason}`, true))
      settle()
    }),
    // After a reconnect the player is back where they were.
    world.on('reconnecting', () => done.reject(new StrataClientError('MOVE_FAILED', 'the connection broke', true))),
    world.on('closed', ({ error }) => done.reject(error ?? new StrataClientError('CLOSED', 'the world was left', false))),
  ]
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    ordered = (await Promise.race([order(), done.promise.then(() => new Promise<never>(() => {}))])).id
    timer = setTimeout(() => done.reject(new StrataClientError('MOVE_FAILED', 'the move did not happen in time', true)), TRAVEL_TIMEOUT_MS)
    settle()
    return await done.promise
  } finally {
    clearTimeout(timer)
    for (const off of offs) off()
  }
}
