import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { DurationMs } from '../model/clock.ts'

/** Metrics registry of one process, with the default metrics of Node. Strata's metrics are named `strata_…` and have their unit in the name. */
export function createRegistry(service: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  return registry
}

/** Shows how far the clock of this process is behind that of the directory. NaN before the first measurement. */
export function clockGauge(registry: Registry, directory: { readonly clockOffsetMs: DurationMs | undefined }): void {
  new Gauge({
    name: 'strata_clock_offset_seconds',
    help: 'How far the clock of this process is behind the clock of Redis; negative when it is ahead',
    registers: [registry],
    collect() {
      this.set((directory.clockOffsetMs ?? Number.NaN) / 1_000)
    },
  })
}
