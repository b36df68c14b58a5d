import type { Connection } from './connection.ts'
import type { ZoneCore } from './core.ts'
import type { Sight } from './sight.ts'

interface Viewer {
  connection: Connection | undefined
  sight: Sight
}

/** What changed in a viewer's sight, if its client can take it; nothing when nothing changed, unless `always`. */
export function sendPicture<State, Input>(
  { grid, services, tick }: ZoneCore<State, Input>,
  { connection, sight }: Viewer,
  centre: { x: number; y: number },
  always = false,
): void {
  if (connection?.hearing !== true) return
  const now = tick()
  const snapshot = sight.look(grid, centre, now) ?? (always ? { tick: now, full: false, entered: [], moved: [], left: [] } : undefined)
  if (snapshot !== undefined) services.metrics.snapshotBytes.inc(connection.sendSnapshot(snapshot))
}
