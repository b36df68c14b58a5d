import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { MapCensus } from '../model/census.ts'

/** From under a millisecond (score and atomic step) to a Redis that stalls. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]

export interface MatchmakerMetrics {
  placements: Counter<'result'>
  placementSeconds: Histogram
  promotions: Counter<'map'>
  moves: Counter
  limited: Counter<'by'>
}

export function createMetrics(registry: Registry, maps: () => Iterable<Pick<MapCensus, 'map' | 'waiting'>>): MatchmakerMetrics {
  const registers = [registry]
  new Gauge({
    name: 'strata_line_length',
    help: 'Places in line',
    labelNames: ['map'],
    registers,
    collect() {
      this.reset()
      for (const { map, waiting } of maps()) this.set({ map }, waiting)
    },
  })
  return {
    placements: new Counter({ name: 'strata_placements_total', help: 'Wishes to enter or travel, by what came of them', labelNames: ['result'], registers }),
    placementSeconds: new Histogram({ name: 'strata_placement_seconds', help: 'From the ranked wish to the held seat', buckets: SECONDS, registers }),
    promotions: new Counter({ name: 'strata_promotions_total', help: 'Places in line that got a seat through this process', labelNames: ['map'], registers }),
    moves: new Counter({ name: 'strata_travel_moves_total', help: 'Moves ordered for travellers', registers }),
    limited: new Counter({ name: 'strata_requests_limited_total', help: 'Requests refused for being too many', labelNames: ['by'], registers }),
  }
}
