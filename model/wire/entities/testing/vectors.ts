import type { Snapshot } from '../../snapshot.ts'
import { defineEntities, type EntitiesLayout, type EntityOf, plainEntities, withInitials } from '../defineEntities.ts'
import { SnapshotDecoder } from '../snapshotDecoder.ts'
import { Everything } from './everything.ts'

/** One connection: its layout, and its snapshots in order, as bytes and as what they say. */
export interface Vector {
  title: string
  layout: EntitiesLayout
  snapshots: { hex: string; snapshot: Snapshot }[]
}

const declared = defineEntities({
  dimensions: 3,
  position: { extent: 4_000, step: 1 / 16 },
  fields: {
    health: { type: 'u8', urgency: 'now' },
    level: { type: 'i16' },
    mood: { type: 'choice', of: ['idle', 'chase', 'return'] },
    asleep: { type: 'bool' },
    charge: { type: 'number', min: 0, max: 64, step: 1 / 4, interpolate: true },
    aim: { type: 'angle', steps: 65_536 },
    target: { type: 'entity' },
    motto: { type: 'text' },
  },
})

/** The vectors of docs/reference/protocol-vectors.json, made by the code that servers run. */
export function vectors(): Vector[] {
  return [plain(), deep()]
}

function plain(): Vector {
  const world = new Everything(plainEntities)
  const [ann, tree] = [at(7, 10, -2.5, 'Ann'), at(2 ** 31 + 1, -3, 4, 'tree')]
  for (const entity of [ann, tree]) world.table.add(entity, 1)
  const steps = [
    () => {},
    () => void Object.assign(ann, { x: 10.25, y: -2 }),
    () => void Object.assign(ann, { x: -500, heading: Math.PI / 2, flags: 3 }),
    () => void Object.assign(ann, { name: 'Zoë' }),
    () => world.table.add(at(9, 0, 0, 'Bo'), 5),
    () => world.table.remove(tree.id),
    () => {},
  ]
  return record('two dimensions, nothing declared', plainEntities.layout, world, steps)
}

function deep(): Vector {
  const world = new Everything(declared)
  const wolf = withInitials(declared, { ...at(300, 1, 2, 'wolf'), z: 3 }) as EntityOf<typeof declared> // has all declared fields now
  world.table.add(wolf, 1)
  const steps = [
    () => {},
    () => void Object.assign(wolf, { x: 2, y: 1, z: 3.5, health: 90, mood: 'chase' }),
    () => void Object.assign(wolf, { z: -100, level: -7, asleep: true, charge: 12.5, aim: Math.PI, target: 2 ** 31 + 5, motto: 'grrr' }),
  ]
  return record('three dimensions, declared fields', declared.layout, world, steps)
}

function record(title: string, layout: EntitiesLayout, world: Everything, steps: readonly (() => void)[]): Vector {
  const decoder = new SnapshotDecoder(layout)
  const snapshots = steps.map((change, index) => {
    change()
    world.sync(index + 1)
    const bytes = world.snapshot(index + 1, 10 * index)
    return { hex: [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(''), snapshot: decoder.decode(bytes) }
  })
  return { title, layout, snapshots }
}

function at(id: number, x: number, y: number, name: string) {
  return { id, kind: id < 2 ** 31 ? 0 : 1, x, y, heading: 0, flags: 0, name }
}
