import { collectDefaultMetrics, Registry } from 'prom-client'

/** A registry of its own for each process, with Node's own figures in it. Names begin with `strata_`, units stand in the name. */
export function createRegistry(service: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  return registry
}
