import { Counter, Histogram, type Registry } from 'prom-client'
import { type CallObserver, measured } from './measured.ts'
import { startAtZero } from './zero.ts'

/** Upper bounds in seconds: from a call within the machine to a deadline that passed. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]
/** Codes with which a call to a dependency ends when the dependency is the cause. */
const DEPENDENCY_FAILURES = ['DEPENDENCY_DOWN', 'INTERNAL', 'ABORTED']

/** Parts of the store, as the label names them. `people`: characters, claims, saves, decisions and records. */
const storeParts = ['people', 'accounts', 'social', 'studio', 'economy', 'webhooks', 'console'] as const
type StorePart = (typeof storeParts)[number]

/** Creates the metrics of the calls to PostgreSQL. Returns a function that measures one part of the store. */
export function storeCalls(registry: Registry): <Part extends object>(name: StorePart, part: Part) => Part {
  const registers = [registry]
  const seconds = startAtZero(
    new Histogram({
      name: 'strata_store_call_seconds',
      help: 'Time of a call to PostgreSQL, by part of the store; a call has one or several statements',
      labelNames: ['part'],
      buckets: SECONDS,
      registers,
    }),
    { part: storeParts },
  )
  const failures = startAtZero(
    new Counter({
      name: 'strata_store_failures_total',
      help: 'Calls to PostgreSQL that failed, by part of the store and error code; refusals such as NAME_TAKEN are among them',
      labelNames: ['part', 'code'],
      registers,
    }),
    { part: storeParts, code: DEPENDENCY_FAILURES },
  )
  return (name, part) =>
    measured(part, (_, duration, code) => {
      seconds.observe({ part: name }, duration)
      if (code !== undefined) failures.inc({ part: name, code })
    })
}

/** The parts of a store that is measured; those that a process does not have are absent. */
export type MeasuredParts = { accounts?: object; social?: object; studio?: object; economy?: object; webhooks?: object; consoleAccounts?: object }

/** Measures a store with all its parts. */
export function measuredStore<Store extends MeasuredParts>(store: Store, registry: Registry): Store {
  const part = storeCalls(registry)
  const parts: MeasuredParts = {}
  for (const name of ['accounts', 'social', 'studio', 'economy', 'webhooks'] as const) {
    const found = store[name]
    if (found !== undefined) parts[name] = part(name, found)
  }
  if (store.consoleAccounts !== undefined) parts.consoleAccounts = part('console', store.consoleAccounts)
  return part('people', { ...store, ...parts })
}

/** Calls of the directory that run often enough, or matter enough, for a series of their own; the others are `other`. */
const directoryCalls = [
  'holdSeats',
  'takeSeat',
  'promote',
  'joinLine',
  'renewLine',
  'lineHead',
  'orderMove',
  'settleMove',
  'snapshot',
  'hosted',
  'publishChat',
  'other',
]

/** Measures the calls to Redis. */
export function measuredDirectory<Directory extends object>(directory: Directory, registry: Registry): Directory {
  const observe = callMetrics(registry, {
    prefix: 'strata_directory_call',
    calls: directoryCalls,
    what: 'a call to the directory (Redis)',
    plural: 'Calls to the directory (Redis)',
  })
  return measured(directory, (call, seconds, failure) => observe(directoryCalls.includes(call) ? call : 'other', seconds, failure))
}

export interface CallMetrics {
  /** Beginning of both names, such as `strata_agones_call`. */
  prefix: string
  calls: readonly string[]
  /** The noun of the help texts: `a call to …` and `Calls to …`. */
  what: string
  plural: string
}

/** Creates a histogram of durations, and a counter of failures by error code, for the calls to one dependency. */
export function callMetrics(registry: Registry, { prefix, calls, what, plural }: CallMetrics): CallObserver {
  const registers = [registry]
  const seconds = startAtZero(
    new Histogram({ name: `${prefix}_seconds`, help: `Time of ${what}, by call`, labelNames: ['call'], buckets: SECONDS, registers }),
    { call: calls },
  )
  const failures = startAtZero(
    new Counter({ name: `${prefix}_failures_total`, help: `${plural} that failed, by call and error code`, labelNames: ['call', 'code'], registers }),
    { call: calls, code: DEPENDENCY_FAILURES },
  )
  return (call, duration, code) => {
    seconds.observe({ call }, duration)
    if (code !== undefined) failures.inc({ call, code })
  }
}
