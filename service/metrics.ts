import { collectDefaultMetrics, Registry } from 'prom-client'

/** Metrics registry of one process, with the default metrics of Node. Strata's metrics are named `strata_…` and have their unit in the name. */
export function createRegistry(service: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  return registry
}
