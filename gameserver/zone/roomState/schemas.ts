import { type MapSchema, type Schema, schema, t } from '@colyseus/schema'
import type { RoomInfo, RoomState, RosterEntry } from '../../../model/wire/roomState.ts'

export type SchemaClass = new () => Schema

const Info = schema({ map: t.string(), copy: t.string(), label: t.string(), population: t.uint16(), tickRate: t.uint8(), protocol: t.uint16() }, 'RoomInfo')
export const Roster = schema({ name: t.string(), guild: t.string().optional() }, 'RosterEntry')
const ownFields = { character: t.string(), name: t.string(), guild: t.string().optional(), party: t.string().optional(), roster: t.map(Roster) }
const Own = schema(ownFields, 'OwnCharacter')

export type RosterState = RosterEntry & Schema
export type OwnCharacterState = Omit<InstanceType<typeof Own>, 'roster'> & { roster: MapSchema<RosterState>; game?: Schema }
/** `RoomState` as the server writes it: `own` has every character. */
export type RoomStateSchema = Schema &
  Omit<RoomState, 'roster' | 'own' | 'game'> & { roster: MapSchema<RosterState>; own: MapSchema<OwnCharacterState>; game?: Schema }

/** The classes of one room: the root of its state, and what each character has of its own. */
export interface RoomSchemas {
  newState(info: RoomInfo, game: Schema | undefined): RoomStateSchema
  newOwn(): OwnCharacterState
}

const NONE: SchemaClass = Info
/** By the classes of the game's parts. Colyseus keeps what it derives from a class until the process ends, so all rooms of a game share theirs. */
const made = new Map<SchemaClass, Map<SchemaClass, RoomSchemas>>()

/** `Game` and `GameOwn`: classes of the game's parts. */
export function roomSchemas(Game: SchemaClass | undefined, GameOwn: SchemaClass | undefined): RoomSchemas {
  const ofGame = made.get(Game ?? NONE) ?? new Map<SchemaClass, RoomSchemas>()
  made.set(Game ?? NONE, ofGame)
  const known = ofGame.get(GameOwn ?? NONE) ?? makeSchemas(Game, GameOwn)
  ofGame.set(GameOwn ?? NONE, known)
  return known
}

function makeSchemas(Game: SchemaClass | undefined, GameOwn: SchemaClass | undefined): RoomSchemas {
  const OwnOfGame = GameOwn === undefined ? Own : schema({ ...ownFields, game: t.ref(GameOwn) }, 'OwnCharacter')
  const root = { info: t.ref(Info), roster: t.map(Roster), own: t.map(OwnOfGame).view() }
  const Root = schema(Game === undefined ? root : { ...root, game: t.ref(Game) }, 'RoomState')
  return {
    newState(info, game) {
      const state = new Root()
      state.info.assign(info)
      if (game !== undefined) Object.assign(state, { game })
      return state as unknown as RoomStateSchema // `schema` made its fields from `root`
    },
    newOwn: () => new OwnOfGame() as unknown as OwnCharacterState, // `schema` made its fields from `ownFields`
  }
}
