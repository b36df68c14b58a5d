import { z } from 'zod'
import { type Appearance, type Body, ZoneRoom } from '../../../gameserver/zone/zoneRoom.ts'
import type { SeatHolder } from '../../../model/seat.ts'
import { FLAG, GladeNight, type GladeState, KIND, Lamplighter, lanterns, lightMessage, type WalkInput, walkInput } from './glade.ts'

const METRES_A_SECOND = 5
/** Largest distance in metres to a lantern that is lit. */
const REACH = 3
/** Time in ms that lighting takes. */
const LIGHTING_MS = 2_000
/** Time in ms that a lantern burns. */
const BURNS_MS = 20_000
/** Distance in metres from the centre to each edge of the glade. */
const EDGE = 50

/** The state that version 1 of the game saved. It did not count lanterns. */
const firstState = z.object({ x: z.number(), y: z.number(), heading: z.number(), walk: z.object({ dx: z.number(), dy: z.number() }) })

export class GladeRoom extends ZoneRoom<GladeState, WalkInput> {
  readonly stateVersion = 2
  readonly inputSchema = walkInput
  /** Bodies that are lighting a lantern, by their id, with the time at which it burns. */
  readonly #lighting = new Map<number, { body: Body<GladeState>; lantern: number; until: number }>()
  /** Burning lanterns by id, with the time at which they go out. */
  readonly #burning = new Map<number, number>()

  override setUp(): void {
    for (const lantern of lanterns) this.addThing({ ...lantern })
    this.handle('light', lightMessage, (body, { lantern }) => this.#light(body, lantern))
  }

  // --- slow state

  override readonly gameState = new GladeNight()
  override readonly OwnState = Lamplighter

  /** Called before each patch of the slow state; what did not change is not sent. */
  override describeOwn({ state }: Body<GladeState>, own: InstanceType<typeof Lamplighter>): void {
    own.lanternsLit = state.lanternsLit
  }

  // --- a character enters, is saved, leaves

  fresh({ entity }: SeatHolder): GladeState {
    return { x: Math.cos(entity) * 4, y: Math.sin(entity) * 4, heading: 0, walk: { dx: 0, dy: 0 }, lanternsLit: 0 }
  }

  spawn({ x, y, heading }: GladeState): Appearance {
    return { kind: KIND.player, x, y, heading, flags: 0 }
  }

  override save({ state, x, y, heading }: Body<GladeState>): GladeState {
    return { ...state, x, y, heading, walk: { ...state.walk } }
  }

  override migrate(state: unknown, version: number): GladeState {
    if (version === 1) return { ...firstState.parse(state), lanternsLit: 0 }
    return super.migrate(state, version)
  }

  override left({ id }: Body<GladeState>): void {
    this.#lighting.delete(id)
  }

  // --- twenty times a second

  applyInput({ state }: Body<GladeState>, { dx, dy }: WalkInput): void {
    const length = Math.max(1, Math.hypot(dx, dy))
    state.walk = { dx: dx / length, dy: dy / length }
  }

  step(dtSeconds: number): void {
    for (const body of this.bodies()) this.#walk(body, dtSeconds)
    for (const [id, { body, lantern, until }] of this.#lighting) {
      if (this.now < until) continue
      this.#lighting.delete(id)
      this.#lit(body, lantern)
    }
    for (const [lantern, until] of this.#burning) if (this.now >= until) this.#goOut(lantern)
  }

  override disconnected({ state }: Body<GladeState>): void {
    state.walk = { dx: 0, dy: 0 }
  }

  #walk(body: Body<GladeState>, dtSeconds: number): void {
    const { dx, dy } = body.state.walk
    if (this.#lighting.has(body.id) || (dx === 0 && dy === 0)) return
    body.x = Math.max(-EDGE, Math.min(EDGE, body.x + dx * METRES_A_SECOND * dtSeconds))
    body.y = Math.max(-EDGE, Math.min(EDGE, body.y + dy * METRES_A_SECOND * dtSeconds))
    body.heading = Math.atan2(dy, dx)
  }

  // --- the game

  /** A character that is lighting a lantern is not moved to another copy before the lantern burns. */
  override canMove({ id }: Body<GladeState>): boolean {
    return !this.#lighting.has(id)
  }

  #light(body: Body<GladeState>, id: number): void {
    const lantern = this.thing(id)
    const far = lantern === undefined || Math.hypot(lantern.x - body.x, lantern.y - body.y) > REACH
    if (far || this.#burning.has(id)) return this.tell(body, 'refused', { lantern: id, reason: far ? 'too far away' : 'it burns already' })
    this.#lighting.set(body.id, { body, lantern: id, until: this.now + LIGHTING_MS })
  }

  #lit(body: Body<GladeState>, id: number): void {
    const lantern = this.thing(id)
    if (lantern === undefined) return
    lantern.flags = FLAG.burning
    this.#burning.set(id, this.now + BURNS_MS)
    this.gameState.burning = this.#burning.size
    body.state.lanternsLit++
    this.tellNear(body, 'lit', { lantern: id, by: body.name, count: body.state.lanternsLit })
  }

  #goOut(id: number): void {
    this.#burning.delete(id)
    this.gameState.burning = this.#burning.size
    const lantern = this.thing(id)
    if (lantern !== undefined) lantern.flags = 0
  }
}
