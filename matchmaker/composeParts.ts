import type { Registry } from 'prom-client'
import type { Census } from '../model/census.ts'
import { createMetrics } from './metrics.ts'
import type { Parts } from './parts.ts'
import { permitKeyReader } from './placement/permitKey.ts'
import { type EventSource, LineAlarm } from './queue/lineAlarm.ts'
import { WaitEstimate } from './queue/wait/waitEstimate.ts'

/** The parts that the caller provides. `composeParts` creates the others. */
type ProvidedParts = Omit<Parts, 'world' | 'waits' | 'alarm' | 'metrics' | 'liveCharacters' | 'permitKey'> & {
  /** Default: one. */
  liveCharacters?: Parts['liveCharacters']
  replica: { census(): Census; onChange: EventSource }
  registry: Registry
}

/** Assembles the parts of one matchmaker, for the process, the benches, the tests and the fault simulation. */
export function composeParts({ replica, registry, liveCharacters = 'one', ...provided }: ProvidedParts): Parts & Disposable {
  const alarm = new LineAlarm((listener) => replica.onChange(listener))
  return {
    ...provided,
    liveCharacters,
    permitKey: permitKeyReader(provided.store, provided.clock),
    world: replica,
    waits: new WaitEstimate(),
    alarm,
    metrics: createMetrics(registry, () => replica.census().maps.values()),
    [Symbol.dispose]: () => alarm[Symbol.dispose](),
  }
}
