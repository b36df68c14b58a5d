import type { Store } from '../../store/store.ts'
import { recallMoves } from './apply/recallMoves.ts'
import { DayShapeKeeper } from './observe/dayShapes.ts'
import { Reconciler } from './reconciler.ts'
import type { ReconcilerParts } from './round.ts'

/** A reconciler for one term of a leader: what it remembers is of this term, or was stored in an earlier one. Throws DEPENDENCY_DOWN. */
export async function beginTerm(parts: ReconcilerParts, store: Pick<Store, 'decisionsOn' | 'dayShapes' | 'recordDayShapes'>): Promise<Reconciler> {
  const { policies, clock, log, plan } = parts
  const shapes = await DayShapeKeeper.recall(store, clock, log)
  const moves = await recallMoves(store, policies(), clock.now())
  return new Reconciler({ ...parts, plan: shapes.listening(plan) }, { ...moves, dayShapes: shapes.shapes })
}
