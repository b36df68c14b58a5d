import type { DurationMs } from '../../../model/clock.ts'
import { KIND } from '../maps.ts'

export interface Species {
  /** Kind of the entity (`KIND`). */
  kind: number
  name: string
  health: number
  /** Walking speed as a share of a player's. Below 1, so that a player can run away. */
  pace: number
  /** Health that one blow takes. */
  damage: number
  /** Time between two blows. */
  everyMs: DurationMs
  /** Largest distance of a blow, in metres. */
  reachM: number
  /** Distance in metres at which it attacks a player whom it sees; 0: only when it is attacked. */
  aggroM: number
  /** Largest distance in metres from its home; beyond it, it gives up and returns. */
  leashM: number
  /** Items that one kill gives. */
  drops: readonly string[]
  /** Whether each member of the party gets the drops, instead of one member in turn. */
  forEach?: boolean
  /** Time until it lives again; without it, it stays dead as long as its copy lives. */
  respawnMs?: DurationMs
}

export const species = {
  boar: {
    kind: KIND.boar,
    name: 'Boar',
    health: 40,
    pace: 0.6,
    damage: 4,
    everyMs: 1_500,
    reachM: 2,
    aggroM: 0,
    leashM: 25,
    drops: ['hide'],
    respawnMs: 30_000,
  },
  wolf: {
    kind: KIND.wolf,
    name: 'Wolf',
    health: 60,
    pace: 0.9,
    damage: 6,
    everyMs: 1_200,
    reachM: 2,
    aggroM: 12,
    leashM: 35,
    drops: ['pelt'],
    respawnMs: 60_000,
  },
  wight: { kind: KIND.wight, name: 'Wight', health: 60, pace: 0.7, damage: 5, everyMs: 1_500, reachM: 2.5, aggroM: 12, leashM: 28, drops: ['bone'] },
  king: {
    kind: KIND.barrowKing,
    name: 'King of the Barrow',
    health: 240,
    pace: 0.7,
    damage: 10,
    everyMs: 1_500,
    reachM: 3,
    aggroM: 13,
    leashM: 24,
    drops: ['crown'],
    forEach: true,
  },
} as const satisfies Record<string, Species>

/** Kinds of all creatures. */
export const creatureKinds: ReadonlySet<number> = new Set(Object.values(species).map(({ kind }) => kind))
