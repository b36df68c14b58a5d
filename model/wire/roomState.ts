import type { CharacterId, CopyId, GuildId, MapName, PartyId } from '../ids.ts'

/**
 * The slow state of a room as clients see it (`room.state` of a Colyseus client, `world.state` of the SDK). Colyseus' Schema carries it; the server sends
 * changes every `ZoneRoom.patchEveryMs`. `Game` is the game's own part for everybody in the copy (`ZoneRoom.gameState`), `Own` its part for one
 * character (`ZoneRoom.OwnState`).
 */
export interface RoomState<Game = unknown, Own = unknown> {
  info: RoomInfo
  /** By the entity id as text. Only characters whose setting `presence` is `everyone`, without those that have a block with somebody in the copy. */
  roster: ReadonlyMap<string, RosterEntry>
  /** The client's own character, by its entity id as text: one entry. Absent until it is live here. */
  own?: ReadonlyMap<string, OwnCharacter<Own>>
  /** Absent when the game declares none. */
  game?: Game
}

export interface RoomInfo {
  map: MapName
  copy: CopyId
  /** Name of the copy for players (`ZoneRoom.label`). */
  label: string
  /** Characters in the copy, including those that are not in the roster. */
  population: number
  /** Simulation steps per second. */
  tickRate: number
  /** Newest protocol version of the server. */
  protocol: number
}

export interface RosterEntry {
  name: string
  guild?: GuildId
}

/** Only the character's own player receives it. */
export interface OwnCharacter<Own = unknown> {
  character: CharacterId
  name: string
  guild?: GuildId
  party?: PartyId
  /**
   * By the entity id as text: members of the party and friends who are in the copy and show that to this player. Some of them are in the roster of the room,
   * too.
   */
  roster: ReadonlyMap<string, RosterEntry>
  /** Absent when the game declares none. */
  game?: Own
}
