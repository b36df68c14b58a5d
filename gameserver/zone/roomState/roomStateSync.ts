import { type MapSchema, StateView } from '@colyseus/schema'
import type { CharacterId, EntityId } from '../../../model/ids.ts'
import { PROTOCOL_VERSION } from '../../../model/server.ts'
import type { Connection } from '../connection/connection.ts'
import type { ZoneCore } from '../core.ts'
import type { Resident } from '../residents/resident.ts'
import type { Owner } from './roomSerializer.ts'
import { type OwnCharacterState, type RoomSchemas, type RoomStateSchema, Roster, type RosterState, roomSchemas, type SchemaClass } from './schemas.ts'

interface Parts<State, Input> {
  residents: Iterable<Resident<State, Input>> & { readonly size: number; get(character: CharacterId): Resident<State, Input> | undefined }
  /** Clients of the room, those on standby included. */
  connections(): Iterable<Connection>
}

interface Own {
  connection: Connection
  state: OwnCharacterState
}

/**
 * Keeps the room's Schema state in step with its characters. It is level-triggered: before each patch everything is compared again, and a value that did not
 * change is not sent.
 */
export class RoomStateSync<State, Input> {
  readonly state: RoomStateSchema
  readonly #core: ZoneCore<State, Input>
  readonly #parts: Parts<State, Input>
  readonly #schemas: RoomSchemas
  readonly #own = new Map<EntityId, Own>()

  constructor(core: ZoneCore<State, Input>, parts: Parts<State, Input>) {
    this.#core = core
    this.#parts = parts
    const { map, copy, tickRate, hooks } = core
    const { gameState } = hooks
    this.#schemas = roomSchemas(gameState === undefined ? undefined : (gameState.constructor as SchemaClass), hooks.OwnState)
    this.state = this.#schemas.newState({ map, copy, label: copy, population: 0, tickRate, protocol: PROTOCOL_VERSION }, gameState)
  }

  /** Compares what everybody receives: the population and the roster. */
  refresh(): void {
    const { residents } = this.#parts
    const { info, roster } = this.state
    info.population = residents.size
    this.#core.guard('label', () => {
      info.label = this.#core.hooks.label()
    })
    const present = new Set<CharacterId>()
    for (const { character } of this.#parts.connections()) if (character !== undefined) present.add(character)
    writeRoster(
      roster,
      [...residents].filter((resident) => isListed(resident, present)),
    )
  }

  /** A client enters, or stands by. Characters that have a block with its character are taken out of the roster before it receives the state. */
  arrives(character: CharacterId): void {
    for (const { body, audience } of this.#parts.residents) if (audience?.blocked.includes(character) === true) this.state.roster.delete(String(body.id))
  }

  /** The characters whose clients receive their own state. */
  *owners(): Generator<Owner> {
    const here = new Set<EntityId>()
    for (const resident of this.#parts.residents) {
      const { connection, body } = resident
      if (resident.phase !== 'live' || connection?.joined !== true) continue
      here.add(body.id)
      yield { client: connection.client, refresh: () => this.#refreshOwn(resident, connection) }
    }
    for (const id of [...this.#own.keys()]) if (!here.has(id)) this.#forget(id)
  }

  #refreshOwn({ body, character, audience }: Resident<State, Input>, connection: Connection): void {
    const known = this.#own.get(body.id)
    // A new client of a character has none of its values, so it gets a new object, of which everything is sent.
    const state = known?.connection === connection ? known.state : this.#newOwn(body.id, connection)
    const { name, guild, party } = body.holder
    Object.assign(state, { character, name, guild, party })
    const { residents } = this.#parts
    const acquainted = audience === undefined ? [] : [...new Set([...audience.partyMembers, ...audience.friends])].filter((other) => other !== character)
    writeRoster(
      state.roster,
      acquainted.flatMap((other) => residents.get(other) ?? []).filter((other) => showsItselfTo(character, other)),
    )
    const { game } = state
    if (game !== undefined) this.#core.guard('describeOwn', () => this.#core.hooks.describeOwn(body, game))
  }

  #newOwn(id: EntityId, connection: Connection): OwnCharacterState {
    this.#forget(id)
    const state = this.#schemas.newOwn()
    this.#own.set(id, { connection, state })
    this.state.own.set(String(id), state)
    connection.client.view = new StateView()
    connection.client.view.add(state)
    return state
  }

  #forget(id: EntityId): void {
    this.state.own.delete(String(id))
    this.#own.get(id)?.connection.client.view?.dispose()
    this.#own.delete(id)
  }
}

/** Makes a roster list these characters, without touching entries that are right. */
function writeRoster(roster: MapSchema<RosterState>, residents: readonly Resident<unknown, unknown>[]): void {
  // Most characters have nobody in their own roster, and this runs for each.
  if (residents.length === 0 && roster.size === 0) return
  const listed = new Set<string>()
  for (const { body } of residents) {
    const key = String(body.id)
    listed.add(key)
    const known = roster.get(key)
    const entry = known ?? (new Roster() as RosterState)
    const { name, guild } = body.holder
    Object.assign(entry, { name, guild })
    if (known === undefined) roster.set(key, entry)
  }
  for (const key of [...roster.keys()]) if (!listed.has(key)) roster.delete(key)
}

function isHere({ phase }: Resident<unknown, unknown>): boolean {
  return phase === 'live' || phase === 'frozen'
}

/** Whether everybody in the copy may know that this character is here: it shows its presence to everyone, and has no block with a character whose client is here. */
function isListed(resident: Resident<unknown, unknown>, present: ReadonlySet<CharacterId>): boolean {
  const { audience } = resident
  return isHere(resident) && audience?.presence === 'everyone' && !audience.blocked.some((blocked) => present.has(blocked))
}

/** Whether a character of whose party or friends this one is may know that it is here. Members of one party see each other, whatever settings and blocks say. */
function showsItselfTo(asker: CharacterId, resident: Resident<unknown, unknown>): boolean {
  const { audience } = resident
  if (audience === undefined || !isHere(resident)) return false
  if (audience.partyMembers.includes(asker)) return true
  return audience.presence !== 'nobody' && audience.friends.includes(asker) && !audience.blocked.includes(asker)
}
