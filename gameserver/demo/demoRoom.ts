import type { Instant } from '../../model/clock.ts'
import type { EntityId, MapName } from '../../model/ids.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { TradeDesk } from '../trading/tradeDesk.ts'
import { migrateState } from '../zone/residents/state/migrateState.ts'
import { type Appearance, type Body, type BodyOf, ZoneRoom } from '../zone/zoneRoom.ts'
import { across, crossed, nearBorder } from './borders.ts'
import { attackMessage, Fights } from './combat/fights.ts'
import { Loot } from './combat/loot.ts'
import { HEALTH_MAX, isDown } from './combat/vitals.ts'
import { CreaturePool } from './creatures/creaturePool.ts'
import { type Species, species } from './creatures/species.ts'
import { demoEntities, percent } from './entities.ts'
import { FLAG } from './flags.ts'
import { Grants, OWED_MAX } from './grants.ts'
import { demoMap, KIND, resourceNodes, spawnPoint } from './maps.ts'
import { SPEED, toDirection, walk } from './movement.ts'
import type { WalkingSelf } from './prediction.ts'
import { chatMessage, DEMO_STATE_VERSION, type DemoState, demoSteps, freshState, gatherMessage, type WalkInput, walkInput } from './state.ts'

/** Largest distance in metres to a resource that is gathered. */
const REACH_M = 4
/** Duration of gathering in ms. A character that gathers is busy and is not moved (rule M3). */
const GATHER_MS = 1_500
/** Time in ms until a gathered resource can be gathered again. */
const REGROW_MS = 10_000

type DemoBody = BodyOf<DemoState, typeof demoEntities>

interface Gathering {
  body: Body<DemoState>
  node: EntityId
  until: Instant
}

/** The sample game: walk, chat, gather, fight, trade. ZoneRoom does everything else. */
export class DemoRoom extends ZoneRoom<DemoState, WalkInput, typeof demoEntities> {
  override readonly entities = demoEntities
  readonly stateVersion = DEMO_STATE_VERSION
  readonly inputSchema = walkInput
  readonly #gathering = new Map<EntityId, Gathering>()
  readonly #depleted = new Map<EntityId, Instant>()
  #grants: Grants | undefined
  #trades: TradeDesk<DemoState> | undefined
  readonly #loot = new Loot()
  #fights!: Fights

  override setUp(): void {
    const creatures = new CreaturePool(this.map, { random: this.services.random, now: this.now })
    for (const thing of [...resourceNodes(this.map), ...creatures.views()]) this.addThing(thing)
    this.#fights = new Fights(this, creatures, {
      killed: (creature, by) => this.#killed(creature, by),
      down: (body) => this.#down(body),
      returned: (body) => void Object.assign(body, spawnPoint(this.map, body.id)),
    })
    const { economy } = this.services
    if (economy !== undefined) {
      this.#grants = new Grants(this, economy)
      this.#trades = new TradeDesk(this, economy)
    }
    this.handle('chat', chatMessage, (body, { text }) => this.tellNear(body, 'chat', { from: body.id, name: body.name, text }))
    this.handle('gather', gatherMessage, (body, { node }) => this.#gather(body, node))
    this.handle('attack', attackMessage, (body, attack) => {
      const reason = this.#gathering.has(body.id) ? 'you are gathering' : this.#fights.attack(body, attack)
      if (reason !== undefined) this.tell(body, 'refused', { type: 'attack', reason })
    })
  }

  fresh(): DemoState {
    return freshState()
  }

  override migrate(state: unknown, version: number): DemoState {
    return migrateState(state, { steps: demoSteps, from: version, to: DEMO_STATE_VERSION }) as DemoState // the last step returns a DemoState
  }

  spawn(state: DemoState, { entity }: SeatHolder): Appearance {
    const over = state.map === this.map ? undefined : across(state.map, this.map, state)
    if (over !== undefined) Object.assign(state, { map: this.map, ...over })
    else if (state.map !== this.map) {
      Object.assign(state, { map: this.map, ...spawnPoint(this.map, entity), walk: { dx: 0, dy: 0 } })
    }
    return { kind: KIND.player, x: state.x, y: state.y, heading: state.heading, flags: 0 }
  }

  override save({ state, x, y, heading }: Body<DemoState>): DemoState {
    return { ...state, x, y, heading, walk: { ...state.walk }, gathered: { ...state.gathered }, owed: [...state.owed], vitals: { ...state.vitals } }
  }

  override selfState(body: Body<DemoState>): unknown {
    const { gathered, vitals } = body.state
    const walking: WalkingSelf = { map: this.map, walk: body.state.walk }
    return { items: gathered, speed: SPEED, half: demoMap(this.map).half, health: vitals.health, healthMax: HEALTH_MAX, target: vitals.target, ...walking }
  }

  applyInput({ state }: Body<DemoState>, input: WalkInput): void {
    state.walk = toDirection(input)
  }

  override entered(body: DemoBody): void {
    this.#show(body)
  }

  override disconnected(body: Body<DemoState>): void {
    body.state.walk = { dx: 0, dy: 0 }
    this.#trades?.cancel(body)
  }

  override canMove(body: Body<DemoState>): boolean {
    return this.canLeave(body) && !isDown(body.state.vitals)
  }
  /** Who leaves in a fight stays in it. Who is down may leave: the state says until when. */
  override canLeave(body: Body<DemoState>): boolean {
    return !this.#gathering.has(body.id) && this.#trades?.isTrading(body) !== true && !this.#fights.isFighting(body)
  }

  override nearBorder(body: Body<DemoState>): MapName | undefined {
    return nearBorder(this.map, body)
  }
  override crossed(body: Body<DemoState>, to: MapName): boolean {
    return crossed(this.map, to, body)
  }
  override across(body: Body<DemoState>, to: MapName): { x: number; y: number } | undefined {
    return across(this.map, to, body)
  }

  override left(body: Body<DemoState>): void {
    this.#gathering.delete(body.id)
    this.#fights.forget(body)
    this.#trades?.cancel(body)
  }

  step(dtSeconds: number): void {
    const now = this.now
    const bodies = [...this.bodies()]
    this.#fights.step(bodies, dtSeconds)
    for (const body of bodies) {
      this.#walk(body, dtSeconds)
      this.#show(body)
      this.#grants?.grantNext(body, now)
    }
    for (const gathering of this.#gathering.values()) if (now >= gathering.until) this.#gathered(gathering)
    for (const [node, until] of this.#depleted) {
      if (now < until) continue
      this.#depleted.delete(node)
      this.#flag(node, 0)
    }
  }

  #show(body: DemoBody): void {
    const { health, target } = body.state.vitals
    body.health = percent(health, HEALTH_MAX)
    body.target = target
  }

  #walk(body: Body<DemoState>, dtSeconds: number): void {
    const { dx, dy } = body.state.walk
    const gathering = this.#gathering.has(body.id)
    const down = isDown(body.state.vitals)
    const walking = !gathering && !down && (dx !== 0 || dy !== 0)
    const doing = down ? FLAG.dead : this.#fights.isFighting(body) ? FLAG.fighting : 0
    body.flags = (walking ? FLAG.walking : 0) | (gathering ? FLAG.gathering : 0) | doing
    if (walking) Object.assign(body, walk(this.map, body, { dx, dy }, dtSeconds))
  }

  #gather(body: Body<DemoState>, id: EntityId): void {
    const refuse = (reason: string): void => this.tell(body, 'refused', { type: 'gather', reason })
    const node = this.thing(id)
    if (isDown(body.state.vitals)) return refuse('you are down')
    if (node?.kind !== demoMap(this.map).resource.kind) return refuse('there is nothing like that here')
    if (Math.hypot(node.x - body.x, node.y - body.y) > REACH_M) return refuse('too far away')
    if (this.#depleted.has(id)) return refuse('it has to grow back first')
    if (this.#gathering.has(body.id)) return refuse('you are gathering already')
    if (body.state.owed.length >= OWED_MAX) return refuse('your bag is not up to date yet: saving is late')
    this.#depleted.set(id, this.now + REGROW_MS)
    this.#flag(id, FLAG.depleted)
    this.#gathering.set(body.id, { body, node: id, until: this.now + GATHER_MS })
  }

  #gathered({ body, node }: Gathering): void {
    this.#gathering.delete(body.id)
    const { item } = demoMap(this.map).resource
    const { state } = body
    const count = (state.gathered[item] ?? 0) + 1
    state.gathered = { ...state.gathered, [item]: count }
    if (this.#grants !== undefined) state.owed = [...state.owed, { id: `${node}@${this.now}`, kinds: [item], from: 'gathered' }]
    this.saveSoon(body)
    this.tell(body, 'gathered', { node, item, count })
  }

  /** The drops go to the killer or, in a party, to one member after the other. The last creature of the barrow gives each member something. */
  #killed(creature: { id: EntityId; species: Species }, by: Body<DemoState>): void {
    const { id, species: kind } = creature
    const bodies = [...this.bodies()]
    this.tell(by, 'killed', { creature: id, name: kind.name })
    for (const body of this.#loot.share(`${this.copy} ${id}@${this.now}`, kind, by, bodies)) {
      this.saveSoon(body)
      this.tell(body, 'loot', { creature: id, items: kind.drops })
    }
    if (kind === species.king) for (const body of bodies) this.tell(body, 'cleared', { map: this.map })
  }

  #down(body: Body<DemoState>): void {
    this.#gathering.delete(body.id)
    this.#trades?.cancel(body)
    this.tell(body, 'down', { until: body.state.vitals.downUntil })
  }

  #flag(id: EntityId, flags: number): void {
    const node = this.thing(id)
    if (node !== undefined) node.flags = flags
  }
}
