import type { CharacterId, CopyId, GuildId, Language, MapName, PartyId, Region } from '../ids.ts'
import type { SeatHolder } from '../seat.ts'
import type { ContainedKeys } from './instanceKey.ts'

/** Name of a function in the game's code, as policies write it. */
export const GAME_SIGNAL_NAME = /^[A-Za-z][A-Za-z0-9]{0,39}$/

/** What a placement signal of the game is computed from: the characters to place, and one copy that they may enter. */
export interface PlacementQuestion {
  map: MapName
  /** The party, or one character. The one that asked stands first. */
  members: readonly SeatHolder[]
  party?: PartyId
  copy: {
    id: CopyId
    /** Players with a seat in the copy, by character. */
    players: ReadonlyMap<CharacterId, SeatHolder>
    /** Number of players per guild, per language, and per value of each attribute. */
    guilds: ReadonlyMap<GuildId, number>
    languages: ReadonlyMap<Language, number>
    attributes: ReadonlyMap<string, ReadonlyMap<string | number, number>>
  }
  /** Soft and hard cap of the copy. */
  capacity: { soft: number; hard: number }
  /** Round trip of the client to the copy's region, in ms, where the client measured it. */
  latencyMs?: number
  /** Round trips that the client measured to all regions. */
  latencies?: Readonly<Record<Region, number>>
}

/**
 * A placement signal of the game: how well a copy suits these characters, from 0 to 1. It must be pure, because the planner and the simulator call it, too, and
 * fast, because each placement calls it once for each copy. It does not change what it gets.
 */
export type PlacementSignal = (question: PlacementQuestion) => number

/** The game's own signals, by the name that `placement.weights.game` of a policy uses. */
export type GameSignals = Readonly<Record<string, PlacementSignal>>

/** The game's functions, contained so that they never throw. */
export interface PlacementCode {
  signals: GameSignals
  instanceKeys: ContainedKeys
  /** Gets the name of a function that a policy needs and the code lacks. */
  failed?(name: string, problem: unknown): void
}
