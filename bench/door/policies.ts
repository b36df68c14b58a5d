import type { MapName } from '../../model/ids.ts'

/** The map that newcomers enter, and the one whose characters change while they are online. */
export const DOOR: MapName = 'door'
export const CROWD: MapName = 'crowd'
/** Copies per map. */
export const COPIES = 20
/** Caps of each copy, in seats: room for 10,000 and more on one map. */
const capacity = { soft: 800, hard: 1_000, company: 0 }

/** One policy for both maps. The seats show the attribute `level`, which the bench changes. */
export const spec = { capacity, placement: { attributes: [{ name: 'level', prefer: 'near', range: 10 }] } }

/** The policies as files for the matchmakers' folder. JSON is YAML, too. */
export function policyFiles(): { name: string; text: string }[] {
  return [DOOR, CROWD].map((map) => ({
    name: `${map}.yaml`,
    text: JSON.stringify({ apiVersion: 'strata.dev/v1alpha1', kind: 'MapPolicy', metadata: { name: map }, spec: { fleet: 'overworld', ...spec } }),
  }))
}
