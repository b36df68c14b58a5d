import type { EntityId } from '../../../model/ids.ts'
import type { EntityTable } from '../../../model/wire/entities/entityTable.ts'

/** Whose eyes a snapshot is for. */
export interface Viewer {
  /** In metres. While the viewer's own body is in the room, the position that the grid has of it counts. */
  at: { x: number; y: number; z?: number }
  /** The viewer's own body; 0 before it is in the room. */
  id: EntityId
  /** Number of the viewer's party in the table; 0 for none. */
  party: number
}

/** The fields that an entity shows to a viewer. */
export function fieldsFor(table: EntityTable, slot: number, viewer: Viewer): number {
  const { all, party, owner } = table.entities.masks
  if (table.ids[slot] === viewer.id) return owner
  return isInParty(table, slot, viewer) ? party : all
}

export function isInParty(table: EntityTable, slot: number, { party }: Viewer): boolean {
  return party !== 0 && table.party[slot] === party
}
