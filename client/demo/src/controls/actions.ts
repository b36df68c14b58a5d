import { ATTACK } from '../../../../gameserver/demo/combat/vitals.ts'
import { creatureKinds } from '../../../../gameserver/demo/creatures/species.ts'
import { FLAG } from '../../../../gameserver/demo/flags.ts'
import { demoMap, KIND } from '../../../../gameserver/demo/maps.ts'
import type { EntityId, MapName } from '../../../../model/ids.ts'
import type { EntityView, World } from '../../../index.ts'

/** How near a creature has to be that the attack button aims at it, in metres. */
const AIM_M = 9
/** The same of a resource that is gathered; the server's reach is 4 m. */
const GATHER_M = 4
/** A little above the server's cool-down, so that no attack comes too early. */
const EVERY_MS = ATTACK.everyMs + 60
/** Half of the width of a creature, which the server adds to the reach. */
const CREATURE_M = 0.5

/** What the player does besides walking: fights the aimed creature while it is in reach, and gathers. */
export class Actions {
  #attackedAt = Number.NEGATIVE_INFINITY
  #fighting: EntityId | undefined

  /** The creature that the player fights. */
  get target(): EntityId | undefined {
    return this.#fighting
  }

  /** Begins a fight with this creature, or with the nearest one. Returns it. */
  attack(world: World, id?: EntityId): EntityView | undefined {
    const prey = id === undefined ? nearest(world, isLivingCreature, AIM_M) : world.entities.get(id)
    if (prey === undefined || !isLivingCreature(prey)) return undefined
    this.#fighting = prey.id
    return prey
  }

  gather(world: World): EntityView | undefined {
    const { kind } = demoMap(world.map).resource
    const node = nearest(world, (one) => one.kind === kind && (one.flags & FLAG.depleted) === 0, GATHER_M)
    if (node !== undefined) world.send('gather', { node: node.id })
    return node
  }

  stop(): void {
    this.#fighting = undefined
  }

  /** Strikes as often as the game lets it while the creature is in reach. */
  step(world: World, nowMs: number): void {
    if (this.#fighting === undefined) return
    const [me, prey] = [world.entityAt(world.self, nowMs), world.entityAt(this.#fighting, nowMs)]
    if (me === undefined || prey === undefined || !isLivingCreature(prey.latest)) {
      this.#fighting = undefined
      return
    }
    if (nowMs - this.#attackedAt < EVERY_MS || Math.hypot(prey.x - me.x, prey.y - me.y) > ATTACK.reachM + CREATURE_M) return
    this.#attackedAt = nowMs
    world.send('attack', { target: prey.id, tick: world.seenTick })
  }
}

export function isLivingCreature({ kind, flags }: EntityView): boolean {
  return creatureKinds.has(kind) && (flags & FLAG.dead) === 0
}

/** What the button of gathering is called here. */
export function gatherTitle(map: MapName): string {
  const { resource } = demoMap(map)
  return { [KIND.tree]: 'Chop', [KIND.rock]: 'Mine', [KIND.reed]: 'Cut', [KIND.well]: 'Draw' }[resource.kind] ?? 'Gather'
}

function nearest(world: World, matches: (entity: EntityView) => boolean, withinM: number): EntityView | undefined {
  const me = world.entityAt(world.self)
  let [found, away]: [EntityView | undefined, number] = [undefined, withinM]
  if (me === undefined) return undefined
  for (const entity of world.entities.values()) {
    const distance = Math.hypot(entity.x - me.x, entity.y - me.y)
    if (distance < away && matches(entity)) [found, away] = [entity, distance]
  }
  return found
}
