import type { Store } from '../../store/store.ts'
import { emptyMemory } from '../plan/action.ts'
import { DayShapeSaver } from './observe/dayShapeSaver.ts'
import { EventCrowdSaver } from './observe/eventCrowdSaver.ts'
import { loadLastMoves } from './observe/loadLastMoves.ts'
import { Reconciler } from './reconciler.ts'
import type { ReconcilerParts } from './round.ts'

type Memories = Pick<Store, 'decisionsOn' | 'dayShapes' | 'recordDayShapes' | 'eventCrowds' | 'recordEventCrowds' | 'profiles'>

/** Creates the reconciler for one term of a leader, with the planner memory that earlier terms stored. Throws DEPENDENCY_DOWN. */
export async function beginTerm(parts: ReconcilerParts, store: Memories): Promise<Reconciler> {
  const { policies, clock, log, plan } = parts
  const shapes = await DayShapeSaver.load(store, clock, log)
  const crowds = await EventCrowdSaver.load(store, clock, log)
  const lastMoved = await loadLastMoves(store, policies(), clock.now())
  const profiles: ReconcilerParts['profiles'] = (characters) => store.profiles(characters)
  const saving = crowds.savingAfter(shapes.savingAfter(plan))
  return new Reconciler({ ...parts, profiles, plan: saving }, { ...emptyMemory, lastMoved, maps: crowds.addTo(shapes.maps) })
}
