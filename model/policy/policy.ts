import type { DurationMs } from '../clock.ts'
import { defined } from '../defined.ts'
import { DEFAULT_FAIRNESS_WINDOW_MS, type FairnessChanges } from '../fairness.ts'
import type { FleetName, Language, MapName } from '../ids.ts'
import type { GameSignals } from './gameSignal.ts'
import type { ContainedKeys } from './instanceKey.ts'
import type { MapPolicyDocument } from './schema.ts'
import { parseDuration, parsePercent } from './units.ts'

/** A policy in the units of the code: durations in milliseconds (`Ms`), shares as 0..1. */
export interface MapPolicy {
  map: MapName
  /** Changes whenever the text changes. It is stored in each decision. */
  version: string
  fleet: FleetName
  /** Fleets in which copies open when those before have had no free server for `afterMs`; the first has the highest priority. */
  fallbackFleets: { fleet: FleetName; afterMs: DurationMs }[]
  kind: 'zone' | 'instance'
  capacity: { soft: number; hard: number; company: number; headroom: { likely: number; halfLifeMs: DurationMs } }
  /** Members of the largest party that may enter as one. */
  parties: { max: number }
  copies: { min: number; max: number; warm: 'auto' | { copies: number } | { share: number } }
  open: { above: number; patienceMs: DurationMs; leadTimeMs: DurationMs }
  merge: { below: number; into: number; minAgeMs: DurationMs; cancelAbove: number; patienceMs: DurationMs; rest: number; deadlineMs: DurationMs }
  budgets: {
    /** Moves per player and hour that players did not ask for. */
    movesPerPlayerHour: number
    /** Copies beyond the fewest that would hold the players, as a share of these. */
    copies: number
  }
  moves: {
    perMinute: number
    perPlayerEveryMs: DurationMs
    /** Moves per player and hour that bring players to their guild. */
    reunitePerPlayerHour: number
    hopCooldown: { firstMs: DurationMs; factor: number; maxMs: DurationMs; forgetMs: DurationMs }
  }
  placement: {
    weights: PlacementWeights
    /** Weights of the game's own signals, by name (`weights.game` of the document). */
    gameWeights: Readonly<Record<string, number>>
    /** These signals. The process that loads the game's code adds them; absent: none is loaded. */
    gameSignals?: GameSignals
    friends: 'first' | 'weighed'
    /** How seats of this map count languages (`seatLanguages`). */
    languages: { regions: 'together' | 'apart'; as: Readonly<Record<Language, Language>> }
    attributes: AttributeRule[]
    maxLatencyMs?: DurationMs
    chooseCopy: boolean
    /** For this long after leaving a copy, a player is placed there again. 0: never. */
    returnWithinMs: DurationMs
  }
  queue: {
    max: number
    graceMs: DurationMs
    classes: string[]
    ageingMs: DurationMs
    /** Absent: idle players keep their seats, however many wait. */
    idleReleaseMs?: DurationMs
    admit: { perSecond: number; margin: number }
    share: 'none' | 'guild'
  }
  instance: {
    closeAfterMs: DurationMs
    perHour: number
    /** Name of the game's function that gives the key. Absent: one instance per party. */
    key?: string
    /** This function. The process that loads the game's code adds it; absent: no code is loaded. */
    keyOf?: ContainedKeys[string]
  }
  /** Absent: the defaults. */
  fairness?: FairnessChanges
  decisions: { keepMs: DurationMs }
  seatHoldMs: DurationMs
  /** `expect`: a number of players, a share more than usual (1 is 100 % more), or as many as came last time. */
  events: { name: string; schedule: string; timeZone: string; expect: { players: number } | { share: number } | 'last'; beforeMs: DurationMs }[]
  timeZone: string
  neighbours: { map: MapName; edge: 'north' | 'east' | 'south' | 'west' }[]
}

export interface PlacementWeights {
  friends: number
  guild: number
  language: number
  familiar: number
  occupancy: number
  room: number
  latency: number
}

export interface AttributeRule {
  name: string
  prefer: 'near' | 'far' | 'same' | 'different'
  range: number
  weight: number
  /** A number for `near` and `far`, a text for `same` and `different`. */
  missing?: string | number
}

/** All fleets that may host the map; the first has the highest priority. */
export function fleetsOf({ fleet, fallbackFleets }: MapPolicy): FleetName[] {
  return [fleet, ...fallbackFleets.map((fallback) => fallback.fleet)]
}

/** Policies in force, by map. */
export type Policies = ReadonlyMap<MapName, MapPolicy>

/** Converts a checked document. `version` is a short hash of the text, computed by the loader. */
export function toMapPolicy({ metadata, spec }: MapPolicyDocument, version: string): MapPolicy {
  const { warm } = spec.copies
  return {
    map: metadata.name,
    version,
    fleet: spec.fleet,
    fallbackFleets: spec.fallbackFleets.map(({ fleet, after }) => ({ fleet, afterMs: parseDuration(after) })),
    kind: spec.kind,
    capacity: {
      ...spec.capacity,
      headroom: { likely: parsePercent(spec.capacity.headroom.likely), halfLifeMs: parseDuration(spec.capacity.headroom.halfLife) },
    },
    parties: { ...spec.parties },
    copies: {
      min: spec.copies.min,
      max: spec.copies.max,
      warm: warm === 'auto' ? warm : typeof warm === 'number' ? { copies: warm } : { share: parsePercent(warm) },
    },
    open: { above: parsePercent(spec.open.above), patienceMs: parseDuration(spec.open.patience), leadTimeMs: parseDuration(spec.open.leadTime) },
    merge: {
      below: parsePercent(spec.merge.below),
      into: parsePercent(spec.merge.into),
      minAgeMs: parseDuration(spec.merge.minAge),
      cancelAbove: parsePercent(spec.merge.cancelAbove),
      patienceMs: parseDuration(spec.merge.patience),
      rest: spec.merge.rest,
      deadlineMs: parseDuration(spec.merge.deadline),
    },
    budgets: { movesPerPlayerHour: spec.budgets.moves, copies: parsePercent(spec.budgets.copies) },
    moves: {
      perMinute: spec.moves.perMinute,
      perPlayerEveryMs: parseDuration(spec.moves.perPlayerEvery),
      reunitePerPlayerHour: spec.moves.reunite,
      hopCooldown: {
        firstMs: parseDuration(spec.moves.hopCooldown.first),
        factor: spec.moves.hopCooldown.factor,
        maxMs: parseDuration(spec.moves.hopCooldown.max),
        forgetMs: parseDuration(spec.moves.hopCooldown.forget),
      },
    },
    placement: toPlacement(spec.placement),
    queue: toQueue(spec.queue),
    instance: defined({ closeAfterMs: parseDuration(spec.instance.closeAfter), perHour: spec.instance.perHour, key: spec.instance.key }),
    ...defined({ fairness: toFairness(spec.fairness) }),
    decisions: { keepMs: parseDuration(spec.decisions.keep) },
    seatHoldMs: parseDuration(spec.seat.hold),
    events: spec.events.map((event) => ({
      name: event.name,
      schedule: event.schedule,
      timeZone: event.timeZone ?? spec.timeZone,
      expect: toExpect(event.expect),
      beforeMs: parseDuration(event.before),
    })),
    timeZone: spec.timeZone,
    neighbours: spec.neighbours,
  }
}

function toExpect(expect: MapPolicyDocument['spec']['events'][number]['expect']): MapPolicy['events'][number]['expect'] {
  if (typeof expect === 'number') return { players: expect }
  return expect === 'last' ? expect : { share: parsePercent(expect.slice(1)) }
}

function toFairness({ window, limits }: MapPolicyDocument['spec']['fairness']): FairnessChanges | undefined {
  const windowMs = parseDuration(window)
  const changed = Object.keys(limits).length > 0
  if (windowMs === DEFAULT_FAIRNESS_WINDOW_MS && !changed) return undefined
  return defined({ windowMs: windowMs === DEFAULT_FAIRNESS_WINDOW_MS ? undefined : windowMs, kinds: changed ? limits : undefined })
}

function toQueue({ grace, ageing, idleRelease, ...queue }: MapPolicyDocument['spec']['queue']): MapPolicy['queue'] {
  const idleReleaseMs = idleRelease === 'never' ? undefined : parseDuration(idleRelease)
  return { ...queue, graceMs: parseDuration(grace), ageingMs: parseDuration(ageing), ...defined({ idleReleaseMs }) }
}

function toPlacement({ maxLatency, attributes, returnWithin, weights: all, ...placement }: MapPolicyDocument['spec']['placement']): MapPolicy['placement'] {
  const { game: gameWeights, ...weights } = all
  return {
    ...placement,
    weights,
    gameWeights,
    returnWithinMs: parseDuration(returnWithin),
    attributes: attributes.map(({ missing, ...rule }) => ({
      ...rule,
      ...defined({ missing: missing !== undefined && isNumeric(rule) ? Number(missing) : missing }),
    })),
    ...defined({ maxLatencyMs: maxLatency === undefined ? undefined : parseDuration(maxLatency) }),
  }
}

/** True for numeric attributes, which are compared by distance. The others are compared for equality. */
function isNumeric({ prefer }: Pick<AttributeRule, 'prefer'>): boolean {
  return prefer === 'near' || prefer === 'far'
}
