import { Counter, Gauge, type Registry } from 'prom-client'

/** `queued`: decisions that are not stored yet. */
export function decisionMetrics(registry: Registry, queued: () => number): { dropped: Counter } {
  const registers = [registry]
  new Gauge({
    name: 'strata_decisions_queued',
    help: 'Decisions in the queue, not stored yet',
    registers,
    collect() {
      this.set(queued())
    },
  })
  return { dropped: new Counter({ name: 'strata_decisions_dropped_total', help: 'Decisions that were dropped and never stored', registers }) }
}
