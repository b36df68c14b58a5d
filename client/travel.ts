import type { MoveAnswer } from '../model/wire/matchmaker.ts'
import type { Emitter } from './emitter.ts'
import { StrataClientError } from './errors.ts'
import type { MovedEvent, WorldEvents } from './worldEvents.ts'

/** From the order to the arrival: the server's own deadline for a travel is shorter. */
const TRAVEL_TIMEOUT_MS = 40_000

/** Resolves when the move that `order` names was made, rejects when it was not; the room may be faster than the matchmaker's answer. */
export async function completeTravel(world: Pick<Emitter<WorldEvents>, 'on'>, order: () => Promise<MoveAnswer>): Promise<MovedEvent> {
  const done = Promise.withResolvers<MovedEvent>()
  done.promise.catch(() => undefined) // it may fail before anybody awaits it
  const fates = new Map<string, MovedEvent | StrataClientError>()
  let ordered: string | undefined
  const settle = (): void => {
    const fate = ordered === undefined ? undefined : fates.get(ordered)
    if (fate instanceof StrataClientError) done.reject(fate)
    else if (fate !== undefined) done.resolve(fate)
  }
  const offs = [
    world.on('moved', (event) => {
      fates.set(event.move, event)
      settle()
    }),
    world.on('moveFailed', ({ move, reason }) => {
      fates.set(move, new StrataClientError('MOVE_FAILED', `the move did not happen: ${reason}`, true))
      settle()
    }),
    // Whoever drops out of the world is put back where they were.
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
