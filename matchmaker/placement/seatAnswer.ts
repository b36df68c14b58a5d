import type { Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { CopyId, MapName } from '../../model/ids.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { signTicket } from '../../model/ticket/ticket.ts'
import type { SeatAnswer } from '../../model/wire/matchmaker.ts'
import { signPermit } from '../../service/keys/permit.ts'
import { currentTrace, traced } from '../../service/observe/trace.ts'
import { type Parts, reachableCopy } from '../parts.ts'

/**
 * How long a permit is valid after its ticket, in ms. A ticket may be shown in its last moment. Then the server waits for a save elsewhere (1.5 s) and for the
 * database (6 s). The clocks of the matchmaker and the database may differ.
 */
const PERMIT_MARGIN_MS = 30_000

/** The address to connect to and the ticket that proves the seat. Throws COPY_UNKNOWN when the copy closed while the seat was held. */
export function seatAnswer(parts: Parts, holder: SeatHolder, at: { map: MapName; copy: CopyId; deadline: Instant }): Promise<SeatAnswer> {
  return traced('sign ticket', { attributes: { 'strata.copy': at.copy } }, () => answerFor(parts, holder, at))
}

async function answerFor(parts: Parts, holder: SeatHolder, at: { map: MapName; copy: CopyId; deadline: Instant }): Promise<SeatAnswer> {
  const copy = await reachableCopy(parts, at.map, at.copy)
  if (copy === undefined) throw new StrataError('COPY_UNKNOWN', { copy: at.copy })
  const { character } = holder
  const permit = signPermit(await parts.permitKey(), { character, copy: copy.id, server: copy.server, until: at.deadline + PERMIT_MARGIN_MS })
  const ticket = await signTicket(defined({ id: parts.newId(), holder, copy: copy.id, expires: at.deadline, permit, trace: currentTrace() }), parts.keys.ticket)
  return { address: copy.address, map: at.map, copy: copy.id, ticket, expires: at.deadline }
}
