import { StrataError } from '../../model/errors.ts'
import type { LineEntry } from '../../model/line.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { LineAnswer } from '../../model/wire/matchmaker.ts'
import type { Parts } from '../parts.ts'
import { signLineTicket } from './lineTicket.ts'

/** The current position, with a ticket that keeps the place for the grace time from now on. Throws LINE_UNKNOWN. */
export async function lineAnswer(parts: Parts, entry: LineEntry, policy: MapPolicy): Promise<LineAnswer> {
  const now = parts.clock.now()
  const place = await parts.directory.linePosition(entry.map, entry.id, now)
  if (place === undefined) throw new StrataError('LINE_UNKNOWN')
  const ticket = await signLineTicket({ ...entry, keepUntil: now + policy.queue.graceMs }, parts.keys.ticket)
  parts.waits.recordPosition(entry, place.position, now)
  return { map: entry.map, ticket, ...place, waitMs: parts.waits.estimate(entry.map, place.position, now) }
}
