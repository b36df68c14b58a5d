import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { MapCensus } from '../model/census.ts'

/** Histogram buckets in seconds: from the normal case (ranking and atomic step, under 1 ms) to a stalled Redis. */
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
    help: 'Places in line, by map',
    labelNames: ['map'],
    registers,
    collect() {
      this.reset()
      for (const { map, waiting } of maps()) this.set({ map }, waiting)
    },
  })
  return {
    placements: new Counter({ name: 'strata_placements_total', help: 'Requests to enter or travel, by result', labelNames: ['result'], registers }),
    placementSeconds: new Histogram({
      name: 'strata_placement_seconds',
      help: 'Time to rank the copies and hold the seats, in seconds',
      buckets: SECONDS,
      registers,
    }),
    promotions: new Counter({ name: 'strata_promotions_total', help: 'Places in line that this process promoted to a seat', labelNames: ['map'], registers }),
    moves: new Counter({ name: 'strata_travel_moves_total', help: 'Moves ordered for travelling players', registers }),
    limited: new Counter({
      name: 'strata_requests_limited_total',
      help: 'Requests refused by a limit: by address, by session, or by load',
      labelNames: ['by'],
      registers,
    }),
  }
}
