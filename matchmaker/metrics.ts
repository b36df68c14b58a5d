import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { MapCensus } from '../model/census.ts'
import { catalogue, type ErrorCode } from '../model/errors.ts'
import { startAtZero } from '../service/observe/zero.ts'

/** Histogram buckets in seconds: from the normal case (ranking and atomic step, under 1 ms) to a stalled Redis. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]
/** Waits in line, in seconds: from a seat that came free at once to an evening. */
const WAITS = [1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600]

export type MatchmakerMetrics = ReturnType<typeof createMetrics>

export function createMetrics(registry: Registry, maps: () => Iterable<Pick<MapCensus, 'map' | 'waiting'>>) {
  const registers = [registry]
  const eachMap = (): string[] => [...maps()].map(({ map }) => map)
  /** `zero` resets a series that exists. */
  const hasWaits = new Set<string>()
  new Gauge({
    name: 'strata_line_places',
    help: 'Places in line, by map',
    labelNames: ['map'],
    registers,
    collect() {
      this.reset()
      for (const { map, waiting } of maps()) this.set({ map }, waiting)
    },
  })
  return {
    placements: startAtZero(
      new Counter({
        name: 'strata_placements_total',
        help: 'Requests to enter or travel that were decided, by result: seated, returned (to the seat of before), line (a place in line), travel (a move ordered), refused',
        labelNames: ['result'],
        registers,
      }),
      { result: ['seated', 'returned', 'line', 'travel', 'refused'] },
    ),
    placementErrors: placementErrors(registers),
    placementSeconds: new Histogram({
      name: 'strata_placement_seconds',
      help: 'Time to rank the copies and hold the seats',
      buckets: SECONDS,
      registers,
    }),
    holds: startAtZero(
      new Counter({
        name: 'strata_seat_holds_total',
        help: 'Attempts to hold seats for a newcomer, by result: held, no_copy (the ranking allows none), full (no copy of the ranking had room)',
        labelNames: ['result'],
        registers,
      }),
      { result: ['held', 'no_copy', 'full'] },
    ),
    promotions: new Counter({
      name: 'strata_promotions_total',
      help: 'Places in line that this process promoted to a seat, by map',
      labelNames: ['map'],
      registers,
      collect() {
        startAtZero(this, { map: eachMap() })
      },
    }),
    waits: new Histogram({
      name: 'strata_line_wait_seconds',
      help: 'Time from the arrival in line to the seat, by map',
      labelNames: ['map'],
      buckets: WAITS,
      registers,
      collect() {
        for (const map of eachMap().filter((one) => !hasWaits.has(one))) {
          this.zero({ map })
          hasWaits.add(map)
        }
      },
    }),
    moves: new Counter({ name: 'strata_travel_moves_total', help: 'Moves ordered for travelling players', registers }),
    limited: startAtZero(
      new Counter({
        name: 'strata_requests_limited_total',
        help: 'Requests refused by a limit: by address, by session, or by load',
        labelNames: ['by'],
        registers,
      }),
      { by: ['address', 'session', 'load'] },
    ),
  }
}

/** Whose fault an error is: of the system (status 500 and above), or of the request. */
export function faultOf(code: ErrorCode): 'system' | 'request' {
  return catalogue[code].status >= 500 ? 'system' : 'request'
}

function placementErrors(registers: Registry[]): Counter<'code' | 'fault'> {
  const errors = new Counter({
    name: 'strata_placement_errors_total',
    help: 'Requests to enter or travel, and polls of the line, that ended with an error, by code and fault: system (status 500 and above) or request',
    labelNames: ['code', 'fault'],
    registers,
  })
  for (const code of ['DEPENDENCY_DOWN', 'INTERNAL', 'NO_SERVER', 'OVERLOADED', 'LINE_FULL'] as const) errors.inc({ code, fault: faultOf(code) }, 0)
  return errors
}
