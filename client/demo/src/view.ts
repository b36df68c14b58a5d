import { KIND } from '../../../gameserver/demo/maps.ts'
import type { EntityId } from '../../../model/ids.ts'
import type { ShownEntity, World } from '../../index.ts'
import { Actions, isLivingCreature } from './controls/actions.ts'
import { Controls } from './controls/controls.ts'
import type { Game } from './play/game.ts'
import type { Relation } from './scene/figure.ts'
import { Scene, type Sight } from './scene/scene.ts'

type People = ReturnType<Game['store']['get']>
interface Known extends Pick<People, 'party' | 'friends'> {
  members: ReadonlySet<string>
  companions: ReadonlySet<string>
}

/** The screen of one player: draws the game's world in each frame, and turns keys and clicks into what the player does. */
export class View {
  readonly scene: Scene
  readonly controls: Controls
  readonly actions = new Actions()
  readonly #game: Game
  readonly #onKey: (code: string) => boolean
  #world: World | undefined
  /** Names of the party and of the friends, made again only when one of them changes. */
  #known: Known = { party: undefined, friends: [], members: new Set(), companions: new Set() }
  #request = 0

  private constructor(scene: Scene, game: Game, onKey: (code: string) => boolean) {
    this.scene = scene
    this.#game = game
    this.#onKey = onKey
    this.controls = new Controls((code) => this.#key(code))
    this.#request = requestAnimationFrame(this.#frame)
  }

  /** Throws when the browser has no WebGL. `onKey` gets the keys that are no action in the world. */
  static async open(host: HTMLElement, game: Game, onKey: (code: string) => boolean): Promise<View> {
    return new View(await Scene.create(host, { sharp: new URL(location.href).searchParams.has('sharp') }), game, onKey)
  }

  close(): void {
    cancelAnimationFrame(this.#request)
    this.controls.end()
    this.scene.destroy()
  }

  attack(id?: EntityId): void {
    const { world } = this.#game
    const prey = world && this.actions.attack(world, id)
    if (prey !== undefined) this.#game.aim({ id: prey.id, name: prey.name, player: false })
    else if (id === undefined) this.#game.notices.add('No creature is near', 'plain')
  }

  gather(): void {
    const { world } = this.#game
    if (world !== undefined && this.actions.gather(world) === undefined) this.#game.notices.add('Nothing to gather is near', 'plain')
  }

  /** A click or a tap on the world: aims at a character, fights a creature. */
  click(clientX: number, clientY: number): void {
    const { world } = this.#game
    if (world === undefined) return
    const id = this.scene.at(clientX, clientY, (one) => {
      const entity = world.entities.get(one)
      return entity !== undefined && one !== world.self && (entity.kind === KIND.player || isLivingCreature(entity))
    })
    const entity = id === undefined ? undefined : world.entities.get(id)
    if (entity === undefined) {
      this.actions.stop()
      this.#game.aim(undefined)
    } else if (entity.kind === KIND.player) this.#game.aim({ id: entity.id, name: entity.name, player: true })
    else this.attack(entity.id)
  }

  readonly #frame = (nowMs: number): void => {
    this.#request = requestAnimationFrame(this.#frame)
    const { world } = this.#game
    if (world !== this.#world && world !== undefined) this.#listen(world)
    this.#world = world
    if (world === undefined || world.closed) return
    this.#game.step(nowMs, this.controls.direction())
    this.actions.step(world, nowMs)
    this.scene.frame(nowMs, this.#sight(world, nowMs))
  }

  #sight(world: World, nowMs: number): Sight {
    const { target, party, friends } = this.#game.store.get()
    const { roster, own } = world.state ?? {}
    const mine = own?.get(String(world.self))
    if (party !== this.#known.party) this.#known = { ...this.#known, party, members: new Set(party?.members.map(({ name }) => name)) }
    if (friends !== this.#known.friends) this.#known = { ...this.#known, friends, companions: new Set(friends.map(({ name }) => name)) }
    const { members, companions } = this.#known
    return {
      map: world.map,
      self: world.self,
      shown: world.sample(nowMs),
      beyond: world.beyond,
      target: target?.id,
      guildOf: (id) => (id === world.self ? mine?.guild : (roster?.get(String(id))?.guild ?? mine?.roster.get(String(id))?.guild)),
      relationOf: ({ id, latest: { name } }: ShownEntity): Relation => {
        if (id === world.self) return 'self'
        if (members.has(name)) return 'party'
        return companions.has(name) ? 'friend' : 'other'
      },
    }
  }

  #key(code: string): boolean {
    if (this.#game.store.get().phase.name !== 'playing') return false
    if (code === 'Space') this.attack()
    else if (code === 'KeyE') this.gather()
    else return this.#onKey(code)
    return true
  }

  #listen(world: World): void {
    world.on('moved', ({ from, to }) => {
      if (from.map !== to.map) this.actions.stop()
    })
    world.on('message', ({ type, data }) => this.#receive(world, type, data))
  }

  /** What the demo's room says of fights, loot and talk nearby. */
  #receive(world: World, type: string, data: unknown): void {
    const nowMs = performance.now()
    const { scene } = this
    const place = (id: EntityId) => scene.placeOf(id)
    if (type === 'hit') {
      const { by, target, damage } = data as { by: EntityId; target: EntityId; damage: number }
      const [from, to] = [place(by), place(target)]
      if (from === undefined || to === undefined) return
      scene.effects.blow(from, to, { damage, ours: target === world.self, nowMs })
      scene.figure(target)?.strike(nowMs)
      scene.figure(by)?.swing(nowMs)
    } else if (type === 'loot') {
      const { creature, items } = data as { creature: EntityId; items: string[] }
      const from = place(creature) ?? place(world.self)
      if (from !== undefined) for (const [index, item] of items.entries()) scene.effects.loot(item, { ...from }, () => place(world.self), nowMs + index * 120)
    } else if (type === 'killed') {
      const at = place((data as { creature: EntityId }).creature)
      if (at !== undefined) scene.effects.ring(at, 0xffd479, nowMs)
    } else if (type === 'gathered') {
      const { node, item } = data as { node: EntityId; item: string }
      const from = place(node)
      if (from !== undefined) scene.effects.loot(item, { ...from }, () => place(world.self), nowMs)
    } else if (type === 'chat') {
      const { from, text } = data as { from: EntityId; text: string }
      scene.bubbles.say(from, text, nowMs)
    }
  }
}
