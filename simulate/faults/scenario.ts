import type { DurationMs } from '../../model/clock.ts'
import type { MapName } from '../../model/ids.ts'
import type { Random } from '../../model/random.ts'
import { between, Chance, pick } from './kernel/chance.ts'
import { drawDeviceChanges, drawOrdinaryEvents, drawOverload } from './ordinaryEvents.ts'
import { type AmbushAct, CALL_FAULTS, type Fault, type MovePhase, type MoveRole, type ScenarioEvent } from './scenarioEvent.ts'
import { drawSocialEvents } from './socialEvents.ts'

export interface Scenario {
  seed: number
  players: number
  /** Player numbers of each party. */
  parties: number[][]
  /** Small caps: copies fill up, and lines form. */
  tight: boolean
  events: ScenarioEvent[]
  /** No fault begins after this moment, in ms from the start. */
  faultsEndAt: DurationMs
}

export const MAPS: readonly MapName[] = ['forest', 'hills']
/** An instance map: each party gets its own copy. */
export const INSTANCE: MapName = 'crypt'
export const MATCHMAKERS = ['matchmaker-1', 'matchmaker-2']
export const ORCHESTRATORS = ['orchestrator-1', 'orchestrator-2']
export const playerName = (who: number): string => `player-${who}`

const FAULTS_END_AT_MS: DurationMs = 20_000
const MOVE_PHASES: readonly MovePhase[] = ['ordered', 'ordered', 'released', 'released', 'claimed']
const MOVE_ROLES: readonly MoveRole[] = ['source', 'destination', 'player']
const AMBUSH_ACTS: readonly AmbushAct[] = ['crash', 'stall', 'split store', 'split directory', 'split player']

/** Draws all random choices of a seed except latencies. The same seed gives the same scenario. */
export function scenarioOf(seed: number): Scenario {
  const random = new Chance(seed).of('scenario')
  const players = between(random, 4, 9)
  const events: ScenarioEvent[] = []
  for (let who = 0; who < players; who++) events.push(...drawPlayerActions(random, who, players))
  events.push(...drawFaults(random, players))
  events.push(...drawOrdinaryEvents(seed, { players, maps: MAPS, matchmakers: MATCHMAKERS, orchestrators: ORCHESTRATORS, endMs: FAULTS_END_AT_MS }))
  events.push(...drawSocialEvents(seed, players, FAULTS_END_AT_MS))
  events.push(...drawDeviceChanges(seed, { players, maps: MAPS }))
  events.push(...drawOverload(seed, FAULTS_END_AT_MS))
  return {
    seed,
    players,
    parties: partiesOf(random, players),
    tight: random() < 0.4,
    events: events.sort((a, b) => a.at - b.at),
    faultsEndAt: FAULTS_END_AT_MS,
  }
}

function partiesOf(random: Random, players: number): number[][] {
  const parties: number[][] = []
  let next = 0
  while (next + 1 < players && random() < 0.6) {
    const size = Math.min(between(random, 2, 3), players - next)
    parties.push(Array.from({ length: size }, (_, index) => next + index))
    next += size
  }
  return parties
}

function drawPlayerActions(random: Random, who: number, players: number): ScenarioEvent[] {
  const life: ScenarioEvent[] = [{ at: between(random, 100, 4_000), do: 'enter', who, map: pick(random, MAPS) }]
  for (let count = between(random, 1, 7); count > 0; count--) {
    const at = between(random, 3_000, FAULTS_END_AT_MS)
    const kind = random()
    if (kind < 0.35) life.push({ at, do: 'travel', who, map: pick(random, MAPS) })
    else if (kind < 0.65) life.push({ at, do: 'give', who, to: between(random, 0, players - 1) })
    else if (kind < 0.75) life.push({ at, do: 'fight', who, ms: between(random, 500, 6_000) })
    else if (kind < 0.85) life.push({ at, do: 'restart', who })
    else life.push({ at, do: 'leave', who }, { at: at + between(random, 500, 8_000), do: 'enter', who, map: pick(random, MAPS) })
  }
  return life
}

type Draw = (random: Random, players: number) => Fault

const ambush: Draw = (random) => ({
  fault: 'ambush',
  when: pick(random, MOVE_PHASES),
  role: pick(random, MOVE_ROLES),
  awaits: between(random, 0, 8),
  act: pick(random, AMBUSH_ACTS),
  forMs: between(random, 300, 9_000),
})

/** Each seed draws some kinds of faults and then several faults of these kinds, so that combinations occur as well as single faults. */
const kinds: readonly Draw[] = [
  (random) => ({ fault: 'crash', target: `server ${between(random, 0, 3)}`, awaits: between(random, 0, 12), backMs: between(random, 500, 2_500) }),
  (random) => ({ fault: 'stall', target: `server ${between(random, 0, 3)}`, awaits: between(random, 0, 12), forMs: between(random, 300, 9_000) }),
  (random) => ({
    fault: 'crash',
    target: pick(random, [...MATCHMAKERS, ...ORCHESTRATORS]),
    awaits: between(random, 0, 8),
    backMs: between(random, 500, 4_000),
  }),
  (random) => ({ fault: 'stall', target: pick(random, [...MATCHMAKERS, ...ORCHESTRATORS]), awaits: between(random, 0, 8), forMs: between(random, 300, 9_000) }),
  (random, players) => ({
    fault: 'stall',
    target: playerName(between(random, 0, players - 1)),
    awaits: between(random, 0, 6),
    forMs: between(random, 300, 9_000),
  }),
  (random, players) => ({
    fault: 'split',
    target: `server ${between(random, 0, 3)}`,
    from: pick(random, ['store', 'directory', playerName(between(random, 0, players - 1))]),
    forMs: between(random, 300, 9_000),
  }),
  (random) => ({
    fault: 'split',
    target: pick(random, [...MATCHMAKERS, ...ORCHESTRATORS]),
    from: pick(random, ['store', 'directory']),
    forMs: between(random, 300, 9_000),
  }),
  (random) => ({ fault: 'slow', target: pick(random, ['store', 'directory'] as const), ms: between(random, 100, 4_000), forMs: between(random, 500, 6_000) }),
  (random) => ({
    fault: 'call',
    target: pick(random, [`server ${between(random, 0, 3)}`, `server ${between(random, 0, 3)}`, ...MATCHMAKERS, ...ORCHESTRATORS]),
    to: pick(random, ['store', 'directory'] as const),
    call: pick(random, CALL_FAULTS),
  }),
  // Listed three times, to be three times as likely.
  ambush,
  ambush,
  ambush,
  () => ({ fault: 'flush' }),
  (random) => ({ fault: 'crash', target: pick(random, ['store', 'directory']), awaits: 0, backMs: between(random, 300, 5_000) }),
  (random) => ({ fault: 'stall', target: pick(random, ['store', 'directory']), awaits: 0, forMs: between(random, 300, 7_000) }),
  (random) => ({ fault: 'mark', target: `server ${between(random, 0, 3)}` }),
  (random, players) => ({ fault: 'twice', who: between(random, 0, players - 1) }),
]

function drawFaults(random: Random, players: number): ScenarioEvent[] {
  const drawn = kinds.filter(() => random() < 0.3)
  const some = drawn.length === 0 ? [pick(random, kinds)] : drawn
  const list: ScenarioEvent[] = []
  for (let count = between(random, 1, 12); count > 0; count--)
    list.push({ at: between(random, 1_500, FAULTS_END_AT_MS - 1_000), ...pick(random, some)(random, players) })
  return list
}
