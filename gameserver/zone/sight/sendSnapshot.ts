import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import type { Sight } from './sight.ts'

interface Viewer {
  connection: Connection | undefined
  sight: Sight
}

/** Sends what changed in a viewer's sight. Sends nothing when nothing changed or the client is behind. */
export function sendSnapshot<State, Input>(
  { grid, services, tick }: ZoneCore<State, Input>,
  { connection, sight }: Viewer,
  centre: { x: number; y: number },
): void {
  if (connection === undefined || !connection.acceptsSnapshot()) return
  const snapshot = sight.nextSnapshot(grid, centre, tick())
  if (snapshot !== undefined) services.metrics.snapshotBytes.inc(connection.sendSnapshot(snapshot))
}

/**
 * Sends a snapshot to a character that is being moved. It is sent even without changes, so that the client knows up to which tick it is current. It
 * removes no entity, because the character and its party are not in this world any more but must stay visible. The first snapshot of the destination,
 * or the next full one from here, removes what is gone.
 */
export function sendHeldSnapshot<State, Input>(
  { grid, services, tick }: ZoneCore<State, Input>,
  { connection, sight }: Viewer,
  centre: { x: number; y: number },
): void {
  if (connection === undefined || !connection.acceptsSnapshot()) return
  const now = tick()
  const { full, entered, moved } = sight.nextSnapshot(grid, centre, now) ?? { full: false, entered: [], moved: [] }
  services.metrics.snapshotBytes.inc(connection.sendSnapshot({ tick: now, full, entered, moved, left: [] }))
}
