import type { DurationMs, Instant } from './clock.ts'
import type { CharacterId, CopyId, MapName } from './ids.ts'

/** What a client may not do. The order is that of the documentation. */
export const violationKinds = [
  'speed',
  'acceleration',
  'teleport',
  'wall',
  'time',
  'cooldown',
  'cost',
  'range',
  'sight',
  'sequence',
  'rate',
  'malformed',
  'oversize',
  'flood',
  'timing',
] as const
export type ViolationKind = (typeof violationKinds)[number]

/** One sentence for each kind; docs/reference/fair-play.md is generated from it. */
export const violationMeanings: Record<ViolationKind, string> = {
  speed: 'The client claims more distance than its speed allows in the time that has passed.',
  acceleration: 'The client claims a change of velocity above the limit of the game.',
  teleport: 'The client claims a jump that no lag explains.',
  wall: 'The client claims a path through a wall.',
  time: 'The client claims inputs of a longer duration than the time that has passed.',
  cooldown: 'The client uses an action far more often than its cool-down allows.',
  cost: 'The client uses actions again and again that its character cannot pay for.',
  range: 'The target was out of range at every moment that the client can have seen.',
  sight: 'A wall was between the character and its target at every moment that the client can have seen.',
  sequence: 'The client repeats inputs, or sends them in another order, without a move that asks for it.',
  rate: 'The client sends more messages of one type than the room handles.',
  malformed: 'The client sends bytes or messages that no client of the game sends. The server disconnects it.',
  oversize: 'The client sends a message above the size limit. The server disconnects it.',
  flood: 'The client sends more frames than the budget allows. The server disconnects it.',
  timing: 'The intervals between the acts of the player are those of a machine.',
}

/** `correct`: the claim does not count. `warn`: the player gets a message. `flag`: moderators find the character in the list. `kick`: the session ends. */
export const fairnessActions = ['correct', 'warn', 'flag', 'kick'] as const
export type FairnessAction = (typeof fairnessActions)[number]

/** For each action the number of violations within the window from which on it is taken; 0: never. */
export type ActionLimits = Readonly<Record<FairnessAction, number>>

/** What a map's policy says about unfair play. */
export interface FairnessPolicy {
  windowMs: DurationMs
  kinds: Readonly<Record<ViolationKind, ActionLimits>>
}

const movement: ActionLimits = { correct: 1, warn: 10, flag: 20, kick: 100 }
const action: ActionLimits = { correct: 1, warn: 20, flag: 50, kick: 0 }
/** The server disconnects such a client whatever the policy says. */
const disconnected: ActionLimits = { correct: 1, warn: 0, flag: 3, kick: 0 }

/**
 * The defaults, for a window of one minute. A client that cheats with its movement violates with each input, 20 times a second, and is kicked after five
 * seconds. No fault of a network ends a session for an action: the server refuses it, and a person looks at the log.
 */
export const defaultActionLimits: Readonly<Record<ViolationKind, ActionLimits>> = {
  speed: movement,
  acceleration: movement,
  teleport: { correct: 1, warn: 3, flag: 3, kick: 20 },
  wall: movement,
  time: movement,
  cooldown: action,
  cost: action,
  range: action,
  sight: action,
  sequence: { correct: 1, warn: 0, flag: 5, kick: 100 },
  rate: { correct: 1, warn: 0, flag: 100, kick: 0 },
  malformed: disconnected,
  oversize: disconnected,
  flood: disconnected,
  timing: { correct: 0, warn: 0, flag: 1, kick: 0 },
}
export const DEFAULT_FAIRNESS_WINDOW_MS: DurationMs = 60_000
/** What a policy changes of the defaults, as it travels with a copy to its server. */
export interface FairnessChanges {
  windowMs?: DurationMs
  kinds?: Partial<Record<ViolationKind, Partial<ActionLimits>>>
}

/** Most violations within the window that a limit may name. */
export const ACTION_LIMIT_MAX = 1_000

export function fairnessFrom(changes: FairnessChanges | undefined): FairnessPolicy {
  if (changes === undefined) return defaultFairness
  const kinds = violationKinds.map((kind) => [kind, { ...defaultActionLimits[kind], ...changes.kinds?.[kind] }])
  return { windowMs: changes.windowMs ?? DEFAULT_FAIRNESS_WINDOW_MS, kinds: Object.fromEntries(kinds) as FairnessPolicy['kinds'] } // one entry for each kind
}

/** Both come from policies, whose fields have one order. */
export function sameFairness(a: FairnessChanges | undefined, b: FairnessChanges | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

export const defaultFairness: FairnessPolicy = { windowMs: DEFAULT_FAIRNESS_WINDOW_MS, kinds: defaultActionLimits }

/** What the server saw. Numbers have their unit in the name; texts have at most 64 characters. */
export type Evidence = Readonly<Record<string, number | string>>

/** One row of the log: the first of `count` violations of one kind by one character within a few seconds. */
export interface Violation {
  id: string
  at: Instant
  character: CharacterId
  map: MapName
  copy: CopyId
  /** Number of the simulation step. */
  tick: number
  kind: ViolationKind
  count: number
  /** The strongest action that was taken. */
  action: FairnessAction | 'none'
  /** The character's position on the map, in metres. */
  x: number
  y: number
  evidence: Evidence
  /** The trust score after it, 0..100. */
  trust: number
}

/** How much of the trust score one violation takes. What lag can cause in rare cases takes little, what needs an altered client takes much. */
export const trustCost: Readonly<Record<ViolationKind, number>> = {
  speed: 2,
  acceleration: 1,
  teleport: 10,
  wall: 5,
  time: 2,
  cooldown: 1,
  cost: 0.5,
  range: 1,
  sight: 1,
  sequence: 1,
  rate: 0.1,
  malformed: 20,
  oversize: 20,
  flood: 10,
  timing: 15,
}
/** A penalty halves in this time, in ms. A character that cheated for an evening plays with full trust about a day later. */
export const TRUST_HALF_LIFE_MS: DurationMs = 2 * 3_600_000
export const FULL_TRUST = 100

/** The trust that a character has lost, and when it was counted. It is saved with the character's state, so that a move does not restore it. */
export interface LostTrust {
  lost: number
  at: Instant
}

/** What is left of a penalty at `now`. */
export function lostAt({ lost, at }: LostTrust, now: Instant): number {
  return lost * 2 ** (-Math.max(0, now - at) / TRUST_HALF_LIFE_MS)
}

/** The score, 0..100. */
export function trustAt(lost: LostTrust | undefined, now: Instant): number {
  return lost === undefined ? FULL_TRUST : FULL_TRUST - lostAt(lost, now)
}

export function loseTrust(before: LostTrust | undefined, kind: ViolationKind, now: Instant): LostTrust {
  return { lost: Math.min(FULL_TRUST, (before === undefined ? 0 : lostAt(before, now)) + trustCost[kind]), at: now }
}
