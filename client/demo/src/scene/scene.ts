import 'pixi.js/unsafe-eval'
import { Application, BitmapFont, Container, Sprite, TextStyle } from 'pixi.js'
import { KIND } from '../../../../gameserver/demo/maps.ts'
import type { EntityId, GuildId, MapName } from '../../../../model/ids.ts'
import type { EntityView, ShownEntity } from '../../../index.ts'
import { Atlas } from './art/atlas.ts'
import { Bubbles } from './bubbles.ts'
import { Crowd } from './crowdLayer.ts'
import { Decor } from './decor.ts'
import { Effects } from './effects.ts'
import type { Figure, FigureFrame, Relation } from './figure.ts'
import { figureOf } from './figures.ts'
import { FrameTimes } from './frameTimes.ts'
import type { Point } from './geography.ts'
import { Ground } from './ground.ts'
import { ART, lookOf } from './look.ts'

/** What the scene draws in one frame. */
export interface Sight {
  map: MapName
  self: EntityId
  shown: ReadonlyMap<EntityId, ShownEntity>
  /** Entities of the neighbouring map near a border, in its coordinates. */
  beyond: { map: MapName; entities: ReadonlyMap<EntityId, EntityView> } | undefined
  target: EntityId | undefined
  guildOf(id: EntityId): GuildId | undefined
  relationOf(entity: ShownEntity): Relation
}

/** Metres from the middle to the nearer edge of the screen: less than the 60 m that the servers show, also in the corners. */
const NEAR_EDGE_M = 17
const FAR_CORNER_M = 56
/** Above this number of characters on the screen, only names nearby are shown. */
const CROWD = 60
const NAMED_WITHIN_M = 4.5
/** A guild that was looked up is used for this long, in ms. */
const GUILD_FOR_MS = 500
/** The time of frames is looked at this often, in ms. */
const ADAPT_EVERY_MS = 1_500
/** Frames that take longer than this on average are slow: less than 28 a second. */
const SLOW_FRAME_MS = 36
/** Drawn pixels for each pixel of CSS, at least. */
const LEAST_RESOLUTION = 0.5

/** The world on the screen: draws a `Sight` in each frame, and knows where things are on the screen. */
export class Scene {
  readonly #app: Application
  readonly #sharp: boolean
  readonly #atlas = new Atlas()
  readonly #world = new Container({ label: 'world' })
  readonly #figures = new Map<EntityId, Figure>()
  readonly #places = new Map<EntityId, Point>()
  readonly #crowd = new Crowd(this.#atlas)
  readonly #layers = {
    shadows: new Container(),
    low: new Container(),
    bodies: new Container(),
    crowns: new Container(),
    labels: new Container(),
    crowd: this.#crowd,
  }
  /** One object for all entities of all frames, so that a frame makes no garbage. */
  readonly #figureFrame: FigureFrame = {
    x: 0,
    y: 0,
    nowMs: 0,
    inView: false,
    relation: 'other',
    guild: undefined,
    targeted: false,
    named: false,
    underfoot: false,
  }
  readonly #guilds = new Map<EntityId, { guild: GuildId | undefined; untilMs: number }>()
  readonly #decor: Decor
  readonly effects: Effects
  readonly bubbles = new Bubbles()
  readonly times = new FrameTimes()
  readonly #darkness: Sprite
  readonly #underfoot = new Container({ label: 'ground' })
  #ground: Ground | undefined
  #map: MapName | undefined
  #camera: Point = { x: 0, y: 0 }
  #cameraKnown = false
  #zoom = 1
  #crowded = false
  #lastMs = 0
  #measuredAt = 0
  #measured = 0

  private constructor(app: Application, sharp: boolean) {
    this.#app = app
    this.#sharp = sharp
    this.#decor = new Decor(this.#atlas)
    this.effects = new Effects(this.#atlas)
    this.#darkness = new Sprite({ texture: this.#atlas.get('dark'), anchor: 0.5, visible: false })
    const { shadows, low, bodies, crowns, labels } = this.#layers
    this.#world.addChild(
      this.#underfoot,
      this.#decor.low,
      shadows,
      this.#crowd.shadows,
      low,
      bodies,
      this.#crowd.bodies,
      this.#decor.high,
      crowns,
      this.effects.container,
      this.#darkness,
      this.#crowd.bars,
      labels,
      this.bubbles.container,
    )
    app.stage.addChild(this.#world)
    app.stage.eventMode = 'none'
  }

  /** Throws when the browser has no WebGL. `sharp`: all pixels are drawn, however slow it is. */
  static async create(host: HTMLElement, { sharp = false }: { sharp?: boolean } = {}): Promise<Scene> {
    BitmapFont.install({
      name: 'strata names',
      chars: [['a', 'z'], ['A', 'Z'], ['0', '9'], " .-'’+…:!?_,ÄÖÜäöüßéèáàóúíñç"],
      resolution: 2,
      padding: 6,
      style: new TextStyle({
        fontFamily: 'system-ui, sans-serif',
        fontWeight: '600',
        fontSize: 26,
        fill: 0xffffff,
        stroke: { color: 0x0c1114, width: 5, join: 'round' },
      }),
    })
    const app = new Application()
    await app.init({
      preference: 'webgl',
      resizeTo: host,
      background: 0x10161a,
      antialias: false,
      resolution: Math.min(2, globalThis.devicePixelRatio),
      autoDensity: true,
      autoStart: false,
      sharedTicker: false,
      eventMode: 'none',
    })
    app.canvas.setAttribute('aria-hidden', 'true')
    host.append(app.canvas)
    return new Scene(app, sharp)
  }

  /** Draws one frame. */
  frame(nowMs: number, sight: Sight): void {
    const started = performance.now()
    if (sight.map !== this.#map) this.#enter(sight.map)
    const origin = this.#ground?.origins.get(sight.map) ?? { x: 0, y: 0 }
    this.#follow(nowMs, sight, origin)
    this.#drawEntities(nowMs, sight, origin)
    this.effects.update(nowMs)
    this.bubbles.update(nowMs, (id) => this.#places.get(id), 1.3 / Math.max(0.5, this.#zoom * 1.3))
    const updated = performance.now()
    this.#app.render()
    this.times.add({ at: nowMs, updateMs: updated - started, scriptMs: performance.now() - started, drawn: this.#figures.size })
    if (!this.#sharp) this.#adapt(nowMs)
  }

  /** The entity that is drawn under a point of the screen, in CSS pixels. */
  at(clientX: number, clientY: number, matches: (id: EntityId) => boolean): EntityId | undefined {
    const { left, top } = this.#app.canvas.getBoundingClientRect()
    const point = this.#world.toLocal({ x: clientX - left, y: clientY - top })
    let found: { id: EntityId; away: number } | undefined
    for (const [id, place] of this.#places) {
      const away = Math.hypot(place.x - point.x, place.y - point.y)
      if (away < 48 && away < (found?.away ?? Number.POSITIVE_INFINITY) && matches(id)) found = { id, away }
    }
    return found?.id
  }

  /** Where an entity is drawn, in pixels of the art. */
  placeOf(id: EntityId): Point | undefined {
    return this.#places.get(id)
  }
  figure(id: EntityId): Figure | undefined {
    return this.#figures.get(id)
  }
  /** Parts of characters that were ever made: what goes out of sight is used again. */
  get parts(): number {
    return this.#crowd.made
  }
  /** Ids of the entities that the last frame drew. */
  get drawn(): Iterable<EntityId> {
    return this.#figures.keys()
  }

  destroy(): void {
    this.#app.destroy({ removeView: true }, { children: true })
    BitmapFont.uninstall('strata names')
  }

  /** On another map of the same plane the land stays. */
  #enter(map: MapName): void {
    this.#map = map
    if (this.#ground?.origins.has(map) !== true) {
      this.#ground?.container.destroy({ children: true })
      this.#decor.clear()
      this.#ground = new Ground(this.#atlas, map)
      this.#underfoot.addChild(this.#ground.container)
      this.#cameraKnown = false
    }
    this.#ground.enter(map)
    this.effects.clear()
    this.bubbles.clear()
    const { dark = 0 } = lookOf(map)
    this.#darkness.visible = dark > 0
    this.#darkness.alpha = dark
  }

  /** Where frames are slow, fewer pixels are drawn: a phone that is hot, or a browser without a GPU. */
  #adapt(nowMs: number): void {
    if (this.#measuredAt === 0 || nowMs - this.#measuredAt > ADAPT_EVERY_MS * 4) {
      this.#measuredAt = nowMs
      this.#measured = 0
      return
    }
    this.#measured++
    if (nowMs - this.#measuredAt < ADAPT_EVERY_MS) return
    const everyMs = (nowMs - this.#measuredAt) / this.#measured
    const { renderer } = this.#app
    if (everyMs > SLOW_FRAME_MS && renderer.resolution > LEAST_RESOLUTION) {
      renderer.resolution = Math.max(LEAST_RESOLUTION, renderer.resolution * 0.7)
      this.#app.resize()
    }
    this.#measuredAt = nowMs
    this.#measured = 0
  }

  #follow(nowMs: number, { shown, self }: Sight, origin: Point): void {
    const { width, height } = this.#app.screen
    const corner = Math.hypot(width, height) / 2
    const pixelsPerMetre = Math.max(Math.min(width, height) / 2 / NEAR_EDGE_M, corner / FAR_CORNER_M)
    this.#zoom = pixelsPerMetre / ART
    const me = shown.get(self)
    if (me !== undefined) {
      const to = { x: origin.x + me.x, y: origin.y + me.y }
      const share = 1 - Math.exp(-(nowMs - this.#lastMs) / 60)
      const far = Math.hypot(to.x - this.#camera.x, to.y - this.#camera.y) > 20
      if (far || !this.#cameraKnown) this.#camera = to
      else this.#camera = { x: this.#camera.x + (to.x - this.#camera.x) * share, y: this.#camera.y + (to.y - this.#camera.y) * share }
      this.#cameraKnown = true
    }
    this.#lastMs = nowMs
    this.#world.scale.set(this.#zoom)
    this.#world.position.set(width / 2 - this.#camera.x * pixelsPerMetre, height / 2 - this.#camera.y * pixelsPerMetre)
    this.#darkness.position.set(this.#camera.x * ART, this.#camera.y * ART)
    this.#darkness.setSize((Math.max(width, height) / this.#zoom) * 1.5)
    if (this.#ground !== undefined) this.#decor.update(this.#ground, this.#camera, width / 2 / pixelsPerMetre, height / 2 / pixelsPerMetre)
  }

  #drawEntities(nowMs: number, sight: Sight, origin: Point): void {
    let characters = 0
    for (const entity of sight.shown.values()) if (this.#draw(entity, origin, nowMs, sight) && entity.latest.kind === KIND.player) characters++
    characters += this.#drawBeyond(nowMs, sight)
    this.#crowded = characters > CROWD
    for (const [id, figure] of this.#figures) {
      if (sight.shown.has(id) || sight.beyond?.entities.has(id) === true) continue
      figure.destroy()
      this.#figures.delete(id)
      this.#places.delete(id)
      this.#guilds.delete(id)
    }
  }

  /** Returns whether the entity is on the screen. */
  #draw(entity: ShownEntity, origin: Point, nowMs: number, sight: Sight): boolean {
    const { width, height } = this.#app.screen
    const { id } = entity
    const place = this.#places.get(id) ?? { x: 0, y: 0 }
    this.#places.set(id, place)
    place.x = (origin.x + entity.x) * ART
    place.y = (origin.y + entity.y) * ART
    const [dx, dy] = [Math.abs(place.x - this.#camera.x * ART), Math.abs(place.y - this.#camera.y * ART)]
    const figure = this.#figures.get(id) ?? figureOf(this.#atlas, this.#layers, entity, nowMs)
    this.#figures.set(id, figure)
    const character = entity.latest.kind === KIND.player
    const near = dx < NAMED_WITHIN_M * ART && dy < NAMED_WITHIN_M * ART
    const frame = this.#figureFrame
    frame.x = place.x
    frame.y = place.y
    frame.nowMs = nowMs
    frame.inView = dx < width / 2 / this.#zoom + 100 && dy < height / 2 / this.#zoom + 100
    frame.relation = character ? sight.relationOf(entity) : 'other'
    frame.guild = character ? this.#guildOf(id, nowMs, sight) : undefined
    frame.targeted = id === sight.target
    frame.underfoot = dx < 3.5 * ART && dy < 3.5 * ART
    frame.named = character && (!this.#crowded || near || frame.relation !== 'other')
    figure.update(entity, frame)
    return frame.inView
  }

  /** The guild as of the last half second: the roster is not asked for each character in each frame. */
  #guildOf(id: EntityId, nowMs: number, sight: Sight): GuildId | undefined {
    const known = this.#guilds.get(id) ?? { guild: undefined, untilMs: 0 }
    this.#guilds.set(id, known)
    if (nowMs >= known.untilMs) {
      known.guild = sight.guildOf(id)
      known.untilMs = nowMs + GUILD_FOR_MS
    }
    return known.guild
  }

  /** Who is on the other side of a border is drawn there, at its newest position. Returns how many of them are on the screen. */
  #drawBeyond(nowMs: number, sight: Sight): number {
    const { beyond, shown } = sight
    const origin = beyond && this.#ground?.origins.get(beyond.map)
    if (beyond === undefined || origin === undefined) return 0
    let drawn = 0
    for (const entity of beyond.entities.values()) {
      if (shown.has(entity.id)) continue
      if (this.#draw({ id: entity.id, x: entity.x, y: entity.y, heading: entity.heading, latest: entity }, origin, nowMs, sight)) drawn++
    }
    return drawn
  }
}
