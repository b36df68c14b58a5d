import type { Clock } from '../../../model/clock.ts'
import type { MapName } from '../../../model/ids.ts'
import type { Logger } from '../../../service/log.ts'
import type { EventCrowds } from '../../../store/records/records.ts'
import type { Store } from '../../../store/store.ts'
import { emptyMapMemory, type MapMemory } from '../../plan/action.ts'
import { LearnedSaver } from './learnedSaver.ts'

/** Stores how many players came to the declared events: the next start may be a week away. They change an hour after a start. */
export class EventCrowdSaver extends LearnedSaver<EventCrowds> {
  /** Throws DEPENDENCY_DOWN. */
  static async load(store: Pick<Store, 'eventCrowds' | 'recordEventCrowds'>, clock: Clock, log: Pick<Logger, 'warn'>): Promise<EventCrowdSaver> {
    return new EventCrowdSaver({
      stored: await store.eventCrowds(),
      learnedFrom: ({ lastCrowds }) => (lastCrowds.size === 0 ? undefined : lastCrowds),
      record: (crowds, now) => store.recordEventCrowds(crowds, now),
      what: 'the crowds of declared events',
      clock,
      log,
    })
  }

  /** Adds the stored crowds to the planner's memory of each map. */
  addTo(maps: ReadonlyMap<MapName, MapMemory>): Map<MapName, MapMemory> {
    const all = new Map(maps)
    for (const [map, lastCrowds] of this.stored) all.set(map, { ...(all.get(map) ?? emptyMapMemory), lastCrowds })
    return all
  }
}
