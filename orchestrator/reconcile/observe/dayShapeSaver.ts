import type { Clock } from '../../../model/clock.ts'
import type { MapName } from '../../../model/ids.ts'
import type { Logger } from '../../../service/log.ts'
import type { DayQuarters } from '../../../store/records/records.ts'
import type { Store } from '../../../store/store.ts'
import { emptyMapMemory, type MapMemory } from '../../plan/action.ts'
import { LearnedSaver } from './learnedSaver.ts'

type Shapes = Pick<Store, 'dayShapes' | 'recordDayShapes'>

/** Stores the day shapes: learning them takes days. They change when a quarter-hour is over. */
export class DayShapeSaver extends LearnedSaver<DayQuarters> {
  /** Throws DEPENDENCY_DOWN. */
  static async load(store: Shapes, clock: Clock, log: Pick<Logger, 'warn'>): Promise<DayShapeSaver> {
    return new DayShapeSaver({
      stored: await store.dayShapes(),
      learnedFrom: ({ dayShape }) => (dayShape === undefined || dayShape.quarters.length === 0 ? undefined : dayShape.quarters),
      record: (shapes, now) => store.recordDayShapes(shapes, now),
      what: 'the day shapes',
      clock,
      log,
    })
  }

  /** The stored shapes as planner memory. */
  get maps(): Map<MapName, MapMemory> {
    return new Map([...this.stored].map(([map, quarters]) => [map, { ...emptyMapMemory, dayShape: { quarters } }]))
  }
}
