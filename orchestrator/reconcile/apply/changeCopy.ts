import { type Copy, type CopyState, closingCopy, reopenedCopy } from '../../../model/copy.ts'
import type { DecisionKind } from '../../../model/placement/decision.ts'
import type { Action } from '../../plan/action.ts'
import { sameSuccessors } from '../observe/ownWrites.ts'
import { type CopyChange, decide } from '../round.ts'

/** Closing, by plan or by an operator. A copy that is closing already stays as it is; one that never opened is removed. */
export async function closeCopy(round: CopyChange, action: Omit<Action & { type: 'close' }, 'type'>): Promise<void> {
  const { parts, now, own } = round
  const copy = round.copies.get(action.copy)?.copy
  if (copy?.state === 'opening') {
    await parts.directory.removeCopy(copy.map, copy.id)
    own.removed(copy.map, copy.id, now)
    round.copies.delete(copy.id)
    decide(round, 'close', copy.map, action.why, { copy: copy.id, inputs: { reason: action.reason } })
  }
  if (copy?.state !== 'open') return
  const { reason, deadline, successors } = action
  await replace(round, closingCopy(copy, { reason, deadline, successors }, now), 'open', 'close', action.why, { reason, successors })
}

/** Other successors for a closing copy. */
export async function retargetCopy(round: CopyChange, action: Action & { type: 'retarget' }): Promise<void> {
  const copy = round.copies.get(action.copy)?.copy
  if (copy?.state !== 'closing') return
  const next: Copy = { ...copy, successors: action.successors }
  if (sameSuccessors(copy, next)) return
  await replace(round, next, 'closing', 'close', action.why, { reason: copy.reason, successors: action.successors })
}

/** Closing is called off (rule C1). */
export async function reopenCopy(round: CopyChange, action: Action & { type: 'reopen' }): Promise<void> {
  const copy = round.copies.get(action.copy)?.copy
  if (copy?.state !== 'closing') return
  await replace(round, reopenedCopy(copy, round.now), 'closing', 'reopen', action.why, { reason: copy.reason })
}

/** Somebody may have been faster: then the next round sees what is, and nothing is decided here. */
async function replace(round: CopyChange, next: Copy, from: CopyState, kind: DecisionKind, why: string, inputs: Record<string, unknown>): Promise<void> {
  if (!(await round.parts.directory.changeCopy(next, from))) return
  round.own.changed(next, round.now)
  const known = round.copies.get(next.id)
  if (known !== undefined) round.copies.set(next.id, { ...known, copy: next })
  decide(round, kind, next.map, why, { copy: next.id, inputs })
}
