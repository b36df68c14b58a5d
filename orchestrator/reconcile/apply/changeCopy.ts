import { type Copy, type CopyState, closingCopy, reopenedCopy, withFairness } from '../../../model/copy.ts'
import { sameFairness } from '../../../model/fairness.ts'
import type { Action } from '../../plan/action.ts'
import { sameSuccessors } from '../observe/ownWrites.ts'
import { type CopyChange, type DecisionContent, recordDecision } from '../round.ts'

/** Closes a copy, for the plan or for an operator. A closing copy stays as it is; an opening copy is removed. */
export async function closeCopy(round: CopyChange, action: Omit<Action & { type: 'close' }, 'type'>): Promise<void> {
  const { parts, now, own } = round
  const copy = round.copies.get(action.copy)?.copy
  if (copy?.state === 'opening') {
    await parts.directory.removeCopy(copy.map, copy.id)
    own.removed(copy.map, copy.id, now)
    round.copies.delete(copy.id)
    recordDecision(round, { kind: 'close', map: copy.map, reason: action.why, copy: copy.id, inputs: { reason: action.reason } })
  }
  if (copy?.state !== 'open') return
  const { reason, deadline, successors } = action
  const next = closingCopy(copy, { reason, deadline, successors }, now)
  await replaceCopy(round, next, 'open', { kind: 'close', reason: action.why, inputs: { reason, successors } })
}

/** Gives a closing copy other successors. */
export async function retargetCopy(round: CopyChange, action: Action & { type: 'retarget' }): Promise<void> {
  const copy = round.copies.get(action.copy)?.copy
  if (copy?.state !== 'closing') return
  const next: Copy = { ...copy, successors: action.successors }
  if (sameSuccessors(copy, next)) return
  await replaceCopy(round, next, 'closing', { kind: 'close', reason: action.why, inputs: { reason: copy.reason, successors: action.successors } })
}

/** Cancels a closing (rule C1). */
export async function reopenCopy(round: CopyChange, action: Action & { type: 'reopen' }): Promise<void> {
  const copy = round.copies.get(action.copy)?.copy
  if (copy?.state !== 'closing') return
  await replaceCopy(round, reopenedCopy(copy, round.now), 'closing', { kind: 'reopen', reason: action.why, inputs: { reason: copy.reason } })
}

/** Gives a copy other rules of fair play. */
export async function changeRules(round: CopyChange, { copy: id, fairness }: Action & { type: 'rules' }): Promise<void> {
  const copy = round.copies.get(id)?.copy
  if (copy === undefined || sameFairness(copy.fairness, fairness)) return
  const next = withFairness(copy, fairness)
  if (!(await round.parts.directory.changeCopy(next, copy.state))) return
  round.own.changed(next, round.now)
  const known = round.copies.get(id)
  if (known !== undefined) round.copies.set(id, { ...known, copy: next })
}

/** Writes the copy if it is still in state `from`, and records the decision. If another process has changed it, nothing is recorded; the next round reads it again. */
async function replaceCopy(round: CopyChange, next: Copy, from: CopyState, decision: Omit<DecisionContent, 'map' | 'copy'>): Promise<void> {
  if (!(await round.parts.directory.changeCopy(next, from))) return
  round.own.changed(next, round.now)
  const known = round.copies.get(next.id)
  if (known !== undefined) round.copies.set(next.id, { ...known, copy: next })
  recordDecision(round, { ...decision, map: next.map, copy: next.id })
}
