import type { ZoneServices } from '../zone/services.ts'

/** This server as its fleet has it. */
export interface OwnState {
  /** Agones' state; undefined as long as it has not been told. */
  state(): string | undefined
  allocate(): Promise<void>
}

/**
 * A server that was cut off from the directory is thought to be without copies, and given back; its people play on. What is Ready may be
 * taken away at any moment: so it says that it is in use, and goes on saying so.
 */
export async function stayInUse({ rooms, leavesBy }: Pick<ZoneServices, 'rooms' | 'leavesBy'>, { state, allocate }: OwnState): Promise<void> {
  if (state() === 'Ready' && rooms.size > 0 && leavesBy === undefined) await allocate()
}
