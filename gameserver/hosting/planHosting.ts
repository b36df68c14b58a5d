import type { MapSnapshot } from '../../directory/directory.ts'
import type { Copy } from '../../model/copy.ts'
import type { CharacterId, CopyId, ServerId } from '../../model/ids.ts'
import type { Seat } from '../../model/seat.ts'

export type HostingAction =
  /** Make the room and tell everybody its address. */
  | { type: 'open'; copy: Copy }
  /** The orchestrator changed it (closing, reopened). */
  | { type: 'follow'; copy: Copy }
  /** The directory forgot it (rule D1). */
  | { type: 'restore'; copy: Copy }
  /** Characters that are here have no seat in the directory. */
  | { type: 'reseat'; copy: Copy; seats: Seat[] }
  /** A taken seat has no character here. */
  | { type: 'unseat'; copy: Copy; character: CharacterId }
  /** It has run its course, or never ran: out of the directory, and the room with it. */
  | { type: 'remove'; copy: Copy }
  /** Another server has it: the room goes, the directory's word stays. */
  | { type: 'abandon'; copy: Copy }

export interface HostingInput {
  server: ServerId
  /** Of the maps that were looked at: of others nothing is concluded. */
  snapshots: readonly MapSnapshot[]
  rooms: ReadonlyMap<CopyId, { empty: boolean; seats(): Seat[] }>
  known: ReadonlyMap<CopyId, Copy>
  draining: boolean
  /** Differences in seats seen at the last audit: only what is seen twice is no passing state. */
  suspects: ReadonlySet<string>
  audit: boolean
}

/**
 * What is to be done so that the copies here are those that the directory names for this server.
 *
 * | the directory says             | a room is here | then                                                      |
 * | ------------------------------ | -------------- | --------------------------------------------------------- |
 * | opening                        | –              | open; remove when this server is draining                 |
 * | open, closing                  | yes            | follow; remove when closing and without people and seats  |
 * | open, closing                  | no             | remove: a former process of this server had it            |
 * | lost                           | either         | nothing: the orchestrator removes it, then it is restored |
 * | another server has it          | yes            | abandon                                                   |
 * | nothing                        | yes            | restore: nobody is kicked (rule D1)                       |
 */
export function planHosting(input: HostingInput): { actions: HostingAction[]; suspects: Set<string> } {
  const { server, snapshots, rooms, known, draining } = input
  const actions: HostingAction[] = []
  const suspects = new Set<string>()
  const maps = new Set(snapshots.map(({ map }) => map))
  const listed = new Map(snapshots.flatMap(({ copies }) => copies.map((copy) => [copy.id, copy])))
  for (const { seats, copies } of snapshots) {
    for (const copy of copies) {
      const room = rooms.get(copy.id)
      if (copy.server !== server) {
        if (room !== undefined) actions.push({ type: 'abandon', copy })
        continue
      }
      const own = seats.filter((seat) => seat.copy === copy.id).map(({ seat }) => seat)
      if (copy.state === 'opening') actions.push({ type: draining ? 'remove' : 'open', copy })
      else if (copy.state === 'lost') continue
      else if (room === undefined) actions.push({ type: 'remove', copy })
      else if (copy.state === 'closing' && room.empty && own.length === 0) actions.push({ type: 'remove', copy })
      else {
        if (changed(known.get(copy.id), copy)) actions.push({ type: 'follow', copy })
        if (input.audit) audit(copy, room.seats(), own, input.suspects, suspects, actions)
      }
    }
  }
  for (const [id, copy] of known) if (!listed.has(id) && rooms.has(id) && maps.has(copy.map)) actions.push({ type: 'restore', copy })
  return { actions, suspects }
}

function changed(before: Copy | undefined, copy: Copy): boolean {
  return before?.state !== copy.state || before.since !== copy.since
}

function audit(copy: Copy, here: Seat[], listed: Seat[], before: ReadonlySet<string>, suspects: Set<string>, actions: HostingAction[]): void {
  const twice = (key: string): boolean => {
    suspects.add(key)
    return before.has(key)
  }
  const present = new Set(here.map(({ character }) => character))
  const seated = new Set(listed.filter(({ state }) => state === 'taken').map(({ character }) => character))
  const missing = here.filter(({ character }) => !seated.has(character) && twice(`${copy.id} lacks ${character}`))
  if (missing.length > 0) actions.push({ type: 'reseat', copy, seats: missing })
  for (const character of seated) {
    if (!present.has(character) && twice(`${copy.id} has ${character}`)) actions.push({ type: 'unseat', copy, character })
  }
}
