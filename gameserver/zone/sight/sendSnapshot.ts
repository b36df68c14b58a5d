import type { PartyId } from '../../../model/ids.ts'
import { ByteWriter } from '../../../model/wire/entities/bytes.ts'
import { control } from '../../../model/wire/room.ts'
import type { Connection } from '../connection/connection.ts'
import { FRONT } from '../connection/playerSocket.ts'
import type { ZoneCore } from '../core.ts'
import { dialectOf } from './dialects.ts'
import type { Sight } from './sight.ts'

/** Who gets a snapshot: a player with a body here, or on standby at a place. */
export interface Recipient {
  connection: Connection | undefined
  sight: Sight
  at: { x: number; y: number; z?: number }
  /** The player's own body; 0 before it is here. */
  id: number
  party: PartyId | undefined
  lastInput: number
}

/** Reused by all rooms of the process: what was sent is not needed any more, or copied (`PlayerSocket.sendWritten`). */
const out = new ByteWriter()

/**
 * Sends what changed in a viewer's sight. Sends nothing when nothing changed or the client is behind. `held`: the character is being moved. Then the
 * snapshot is sent even without changes, so that the client knows up to which tick it is current. It removes no entity, because the character and its
 * party are not in this world any more but must stay visible. The first snapshot of the destination, or the next full one from here, removes what is gone.
 */
export function sendSnapshot<State, Input>(core: ZoneCore<State, Input>, recipient: Recipient, { held }: { held: boolean }): void {
  const { connection, sight, at, id, party, lastInput } = recipient
  if (connection === undefined || !connection.acceptsSnapshot(core.services.clock.now())) return
  const { grid, services, tickRate, bandwidth, quality } = core
  const { table } = grid
  const dialect = dialectOf(connection.protocol)
  if (dialect.version > 1 && !connection.knowsLayout) {
    connection.knowsLayout = true
    connection.send(control.layout, table.entities.layout)
  }
  out.reset(FRONT)
  const entities = sight.write(
    out,
    grid,
    { at, id, party: party === undefined ? 0 : table.numberOf(party) },
    { tick: core.tick(), stepMs: 1000 / tickRate, lastInput, held, bytesPerSecond: bandwidth.bytesPerSecond * connection.pace, thin: quality.thin, dialect },
  )
  if (entities === undefined) return
  const bytes = connection.sendSnapshot(out)
  sight.spent(bytes)
  services.metrics.snapshotBytes.inc(bytes)
}
