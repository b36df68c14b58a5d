import type { ZoneServices } from '../zone/services.ts'

/** This server's state in its fleet. */
export interface OwnState {
  /** State in Agones; undefined until Agones has reported one. */
  state(): string | undefined
  allocate(): Promise<void>
}

/**
 * Sets this server back to Allocated while it hosts copies. A server that lost its connection to the directory looks empty to the orchestrator,
 * which returns it to Ready; Agones may delete a Ready server at any time, although people still play on it.
 */
export async function keepAllocated({ rooms, leavesBy }: Pick<ZoneServices, 'rooms' | 'leavesBy'>, { state, allocate }: OwnState): Promise<void> {
  if (state() === 'Ready' && rooms.size > 0 && leavesBy === undefined) await allocate()
}
