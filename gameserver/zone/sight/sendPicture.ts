import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import type { Sight } from './sight.ts'

interface Viewer {
  connection: Connection | undefined
  sight: Sight
}

/** What changed in a viewer's sight, if its client can take it; nothing when nothing changed. */
export function sendPicture<State, Input>(
  { grid, services, tick }: ZoneCore<State, Input>,
  { connection, sight }: Viewer,
  centre: { x: number; y: number },
): void {
  if (connection?.hearing !== true) return
  const snapshot = sight.look(grid, centre, tick())
  if (snapshot !== undefined) services.metrics.snapshotBytes.inc(connection.sendSnapshot(snapshot))
}

/**
 * The same for a body that is being handed over. Always sent, so that its client knows that all until here was shown; and nothing leaves
 * its sight: it would be missing itself and those who move along. B's first picture, or the next full one of A, says what is gone.
 */
export function sendHeldPicture<State, Input>(
  { grid, services, tick }: ZoneCore<State, Input>,
  { connection, sight }: Viewer,
  centre: { x: number; y: number },
): void {
  if (connection?.hearing !== true) return
  const now = tick()
  const { full, entered, moved } = sight.look(grid, centre, now) ?? { full: false, entered: [], moved: [] }
  services.metrics.snapshotBytes.inc(connection.sendSnapshot({ tick: now, full, entered, moved, left: [] }))
}
