import { StrataError } from '../../model/errors.ts'
import type { CopyId, MapName } from '../../model/ids.ts'
import { closeCopy, reopenCopy } from '../reconcile/apply/changeCopy.ts'
import { OwnWrites } from '../reconcile/observe/ownWrites.ts'
import type { ReconcilerParts } from '../reconcile/round.ts'

/** Deadline of the closing when the map has no policy any more: 15 minutes for busy players. */
const DEADLINE_WITHOUT_POLICY_MS = 15 * 60_000

/** Closes a copy for an operator. The next plan names its successors and moves its players. Throws COPY_UNKNOWN. */
export async function operatorClose(
  parts: Pick<ReconcilerParts, 'directory' | 'decisions' | 'newId' | 'census' | 'policies' | 'clock'>,
  id: CopyId,
  because?: string,
): Promise<{ map: MapName; state: 'closing' | 'removed' }> {
  const row = [...parts.census().maps.values()].flatMap(({ copies }) => copies.get(id) ?? [])[0]
  if (row === undefined || row.copy.state === 'lost') throw new StrataError('COPY_UNKNOWN', { copy: id })
  const { map, state } = row.copy
  const [now, policies] = [parts.clock.now(), parts.policies()]
  const deadline = now + (policies.get(map)?.merge.deadlineMs ?? DEADLINE_WITHOUT_POLICY_MS)
  const change = { parts, now, policies, own: new OwnWrites(), copies: new Map([[id, row]]) }
  await closeCopy(change, {
    map,
    copy: id,
    reason: 'operator',
    successors: [],
    deadline,
    why: because === undefined ? 'an operator closed it' : `an operator closed it: ${because}`,
  })
  return { map, state: state === 'opening' ? 'removed' : 'closing' }
}

/** Opens a copy again that an operator closed. Throws COPY_UNKNOWN, and COPY_NOT_CLOSING when it closes for another reason or its server drains. */
export async function operatorReopen(
  parts: Pick<ReconcilerParts, 'directory' | 'decisions' | 'newId' | 'census' | 'policies' | 'clock'>,
  id: CopyId,
  because: string,
): Promise<{ map: MapName }> {
  const { maps, servers } = parts.census()
  const row = [...maps.values()].flatMap(({ copies }) => copies.get(id) ?? [])[0]
  if (row === undefined) throw new StrataError('COPY_UNKNOWN', { copy: id })
  const { copy } = row
  const refuse = (problem: string): never => {
    throw new StrataError('COPY_NOT_CLOSING', { copy: id, problem })
  }
  if (copy.state !== 'closing') return refuse(`it is ${copy.state}`)
  if (copy.reason !== 'operator') return refuse(`no operator closed it (${copy.reason}); the plan opens it again when it is needed`)
  if (servers.get(copy.server)?.draining === true) return refuse('its server drains')
  const change = { parts, now: parts.clock.now(), policies: parts.policies(), own: new OwnWrites(), copies: new Map([[id, row]]) }
  await reopenCopy(change, { type: 'reopen', map: copy.map, copy: id, why: `an operator opened it again: ${because}` })
  return { map: copy.map }
}
