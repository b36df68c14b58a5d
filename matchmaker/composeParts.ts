import type { Registry } from 'prom-client'
import type { Census } from '../model/census.ts'
import { createMetrics } from './metrics.ts'
import type { Parts } from './parts.ts'
import { type EventSource, LineAlarm } from './queue/lineAlarm.ts'
import { WaitEstimate } from './queue/wait/waitEstimate.ts'

/** What a matchmaker is given; the other parts it makes itself. */
type Given = Omit<Parts, 'world' | 'waits' | 'alarm' | 'metrics'> & {
  replica: { census(): Census; onChange: EventSource }
  registry: Registry
}

/** The parts of one matchmaker: of a process, and of each that a bench, a test or the simulator of faults runs. */
export function composeParts({ replica, registry, ...given }: Given): Parts & Disposable {
  const alarm = new LineAlarm((listener) => replica.onChange(listener))
  return {
    ...given,
    world: replica,
    waits: new WaitEstimate(),
    alarm,
    metrics: createMetrics(registry, () => replica.census().maps.values()),
    [Symbol.dispose]: () => alarm[Symbol.dispose](),
  }
}
