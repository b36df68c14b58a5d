import { BitmapText, Container, Sprite } from 'pixi.js'
import { FLAG } from '../../../../gameserver/demo/flags.ts'
import { KIND } from '../../../../gameserver/demo/maps.ts'
import type { GuildId } from '../../../../model/ids.ts'
import type { ShownEntity } from '../../../index.ts'
import type { Atlas } from './art/atlas.ts'
import { ART, hueColour, NO_GUILD } from './look.ts'

/** What a player is to the one who looks. */
export type Relation = 'self' | 'party' | 'friend' | 'other'

/** Layers of the scene in which a figure has parts. */
export interface Layers {
  shadows: Container
  low: Container
  bodies: Container
  crowns: Container
  labels: Container
}

/** How one entity looks in this frame. */
export interface FigureFrame {
  /** Place on the plane, in pixels of the art. */
  x: number
  y: number
  nowMs: number
  inView: boolean
  relation: Relation
  guild: GuildId | undefined
  targeted: boolean
  named: boolean
  /** The own body is near it. */
  underfoot: boolean
}

const nameColours: Record<Relation, number> = { self: 0xffffff, party: 0x8fe3b0, friend: 0xffd479, other: 0xdfe7ea }
/** Time in ms in which a figure comes up and goes. */
const FADE_MS = 180
const BAR_WIDTH = 44

/** One entity on the screen. */
export abstract class Figure {
  protected readonly root = new Container()
  protected readonly shadow: Sprite
  #label: BitmapText | undefined
  #bar: { back: Sprite; fill: Sprite } | undefined
  #mark: Sprite | undefined
  #bornAt: number
  #struckAt = Number.NEGATIVE_INFINITY
  protected readonly atlas: Atlas
  protected readonly layers: Layers

  constructor(atlas: Atlas, layers: Layers, { nowMs, shadowScale, layer }: { nowMs: number; shadowScale: number; layer: 'low' | 'bodies' | 'crowns' }) {
    this.atlas = atlas
    this.layers = layers
    this.#bornAt = nowMs
    this.shadow = new Sprite({ texture: atlas.get('shadow'), anchor: 0.5, scale: shadowScale })
    layers.shadows.addChild(this.shadow)
    layers[layer].addChild(this.root)
  }

  /** Height of the name above the middle, in pixels of the art. */
  protected abstract readonly labelAbove: number

  update(entity: ShownEntity, frame: FigureFrame): void {
    const { x, y, nowMs, inView } = frame
    this.root.visible = inView
    this.shadow.visible = inView
    const labelled = inView && (frame.named || frame.targeted)
    if (this.#label !== undefined) this.#label.visible = labelled
    if (!inView) {
      this.#showBar(undefined)
      if (this.#mark !== undefined) this.#mark.visible = false
      return
    }
    this.root.position.set(x, y)
    this.shadow.position.set(x + 5, y + 7)
    this.root.alpha = Math.min(1, (nowMs - this.#bornAt) / FADE_MS)
    this.draw(entity, frame)
    if (labelled) this.#showLabel(entity, frame)
    const { health } = entity.latest as { health?: number }
    const dead = health === 0
    this.#showBar(
      health !== undefined && !dead && (health < 100 || frame.targeted)
        ? { health, x, y: y - this.labelAbove + 10, friendly: entity.latest.kind === KIND.player }
        : undefined,
    )
    this.#showMark(frame)
    const struck = 1 - (nowMs - this.#struckAt) / 160
    this.tint(struck > 0 ? 0xff9a86 : undefined)
  }

  /** It was hit. */
  strike(nowMs: number): void {
    this.#struckAt = nowMs
  }
  /** It moves its weapon; only characters do. */
  swing(_nowMs: number): void {}

  protected abstract draw(entity: ShownEntity, frame: FigureFrame): void
  protected abstract tint(colour: number | undefined): void

  destroy(): void {
    for (const part of [this.root, this.shadow, this.#label, this.#bar?.back, this.#bar?.fill, this.#mark]) part?.destroy({ children: true })
  }

  #showLabel({ latest: { name } }: ShownEntity, { x, y, relation, targeted }: FigureFrame): void {
    this.#label ??= this.layers.labels.addChild(new BitmapText({ text: name, anchor: { x: 0.5, y: 1 }, style: { fontFamily: 'strata names', fontSize: 20 } }))
    const label = this.#label
    if (label.text !== name) label.text = name
    label.tint = targeted ? 0xff9d8c : nameColours[relation]
    label.position.set(x, y - this.labelAbove)
  }

  #showBar(bar: { health: number; x: number; y: number; friendly: boolean } | undefined): void {
    if (bar === undefined) {
      if (this.#bar !== undefined) {
        this.#bar.back.visible = false
        this.#bar.fill.visible = false
      }
      return
    }
    const texture = this.atlas.get('white')
    this.#bar ??= {
      back: this.layers.labels.addChild(new Sprite({ texture, tint: 0x0b0f12, alpha: 0.75, anchor: { x: 0, y: 0.5 } })),
      fill: this.layers.labels.addChild(new Sprite({ texture, anchor: { x: 0, y: 0.5 } })),
    }
    const { back, fill } = this.#bar
    back.visible = true
    fill.visible = true
    back.position.set(bar.x - BAR_WIDTH / 2 - 2, bar.y)
    back.setSize(BAR_WIDTH + 4, 9)
    fill.position.set(bar.x - BAR_WIDTH / 2, bar.y)
    fill.setSize((BAR_WIDTH * bar.health) / 100, 5)
    fill.tint = bar.friendly ? 0x6fce7e : bar.health > 40 ? 0xe0584c : 0xf08a4b
  }

  #showMark({ x, y, relation, targeted, nowMs }: FigureFrame): void {
    const colour = targeted ? 0xff6a55 : relation === 'self' ? 0xffffff : relation === 'party' ? 0x6fdca0 : undefined
    if (colour === undefined) {
      if (this.#mark !== undefined) this.#mark.visible = false
      return
    }
    this.#mark ??= this.layers.shadows.addChild(new Sprite({ texture: this.atlas.get('ring'), anchor: 0.5 }))
    const mark = this.#mark
    mark.texture = this.atlas.get(targeted ? 'target' : 'ring')
    mark.visible = true
    mark.position.set(x, y)
    mark.tint = colour
    mark.alpha = targeted ? 0.95 : 0.6
    mark.rotation = targeted ? nowMs / 900 : 0
    mark.scale.set(this.labelAbove / 44)
  }
}

/** A character: cloak in the guild's colour, hair by the person, arms and feet that walk, a sword in a fight. */
export class CharacterFigure extends Figure {
  protected readonly labelAbove = 40
  readonly #cloak: Sprite
  readonly #feet: readonly [Sprite, Sprite]
  readonly #arms: readonly [Sprite, Sprite]
  readonly #sword: Sprite
  #guild: GuildId | undefined
  #swungAt = Number.NEGATIVE_INFINITY
  #stride = 0
  #last = { x: Number.NaN, y: Number.NaN }

  constructor(atlas: Atlas, layers: Layers, id: number, nowMs: number) {
    super(atlas, layers, { nowMs, shadowScale: 0.95, layer: 'bodies' })
    const part = (name: string): Sprite => this.root.addChild(new Sprite({ texture: atlas.get(name), anchor: 0.5 }))
    this.#feet = [part('foot'), part('foot')]
    this.#sword = part('sword')
    this.#arms = [part('arm'), part('arm')]
    this.#cloak = part('cloak')
    part('face')
    part('head').tint = [0x4a3524, 0x2b2320, 0x8a5a2b, 0xc9a35a, 0x9a9a9a, 0x6e3420][id % 6] ?? 0x4a3524
    this.#cloak.tint = NO_GUILD
    this.#sword.visible = false
  }

  override swing(nowMs: number): void {
    this.#swungAt = nowMs
  }

  protected override draw({ heading, latest: { flags } }: ShownEntity, { x, y, nowMs, guild }: FigureFrame): void {
    const walked = Number.isNaN(this.#last.x) ? 0 : Math.hypot(x - this.#last.x, y - this.#last.y)
    this.#last = { x, y }
    this.#stride += Math.min(walked, ART) / 22
    const walking = walked > 0.15
    const step = walking ? Math.sin(this.#stride) : 0
    const down = (flags & FLAG.dead) !== 0
    const fighting = (flags & FLAG.fighting) !== 0
    const gathering = (flags & FLAG.gathering) !== 0
    const swing = Math.max(0, 1 - (nowMs - this.#swungAt) / 220)
    this.root.rotation = heading
    this.root.alpha *= down ? 0.45 : 1
    this.#feet[0].position.set(step * 11, -9)
    this.#feet[1].position.set(-step * 11, 9)
    const work = gathering ? Math.sin(nowMs / 90) * 7 : 0
    this.#arms[0].position.set(4 - step * 8, -21)
    this.#arms[1].position.set(8 + step * 8 + work + swing * 10, 19 - swing * 12)
    this.#cloak.rotation = step * 0.07 - swing * 0.3
    this.#sword.visible = fighting || swing > 0
    this.#sword.position.set(26 + swing * 12, 20 - swing * 26)
    this.#sword.rotation = 0.5 - swing * 1.7
    if (guild !== this.#guild) {
      this.#guild = guild
      this.#recolour()
    }
  }

  #recolour(): void {
    this.#cloak.tint = this.#guild === undefined ? NO_GUILD : guildColour(this.#guild)
  }

  protected override tint(colour: number | undefined): void {
    this.root.tint = colour ?? 0xffffff
  }
}

export function guildColour(guild: GuildId): number {
  let seed = 7
  for (const letter of guild) seed = (seed * 31 + letter.charCodeAt(0)) % 100_003
  return hueColour(seed)
}

const creatureLooks: Record<number, { sprite: string; shadow: number; above: number }> = {
  [KIND.boar]: { sprite: 'boar', shadow: 1.15, above: 38 },
  [KIND.wolf]: { sprite: 'wolf', shadow: 1.1, above: 38 },
  [KIND.wight]: { sprite: 'wight', shadow: 1.2, above: 46 },
  [KIND.barrowKing]: { sprite: 'barrowKing', shadow: 2.2, above: 76 },
}
export const isCreature = (kind: number): boolean => creatureLooks[kind] !== undefined

class CreatureFigure extends Figure {
  protected readonly labelAbove: number
  readonly #sprite: Sprite
  #bounce = 0

  constructor(atlas: Atlas, layers: Layers, kind: number, nowMs: number) {
    const look = creatureLooks[kind] ?? { sprite: 'boar', shadow: 1, above: 40 }
    super(atlas, layers, { nowMs, shadowScale: look.shadow, layer: 'bodies' })
    this.labelAbove = look.above
    this.#sprite = this.root.addChild(new Sprite({ texture: atlas.get(look.sprite), anchor: 0.5 }))
  }

  protected override draw({ heading, latest: { flags } }: ShownEntity, { nowMs }: FigureFrame): void {
    const dead = (flags & FLAG.dead) !== 0
    const walking = (flags & FLAG.walking) !== 0
    this.#bounce = walking && !dead ? Math.sin(nowMs / 85) : 0
    this.root.rotation = heading + this.#bounce * 0.06
    this.#sprite.scale.set(1 + this.#bounce * 0.03, dead ? 0.8 : 1)
    this.root.alpha *= dead ? 0.35 : 1
  }

  protected override tint(colour: number | undefined): void {
    this.#sprite.tint = colour ?? 0xffffff
  }
}

const thingLooks: Record<number, { full: string; spent: string; shadow: number; above: number; crown?: boolean }> = {
  [KIND.tree]: { full: 'tree0', spent: 'stump', shadow: 2.9, above: 60, crown: true },
  [KIND.rock]: { full: 'rock', spent: 'rockSpent', shadow: 1.8, above: 56 },
  [KIND.reed]: { full: 'reed', spent: 'reedSpent', shadow: 0.9, above: 44 },
  [KIND.well]: { full: 'well', spent: 'well', shadow: 1.7, above: 52 },
}

class ThingFigure extends Figure {
  protected readonly labelAbove: number
  readonly #sprite: Sprite
  readonly #look: (typeof thingLooks)[number]
  readonly #full: string

  constructor(atlas: Atlas, layers: Layers, { id, kind, nowMs }: { id: number; kind: number; nowMs: number }) {
    const look = thingLooks[kind] ?? { full: 'boulder', spent: 'boulder', shadow: 1, above: 44 }
    super(atlas, layers, { nowMs, shadowScale: look.shadow, layer: look.crown === true ? 'crowns' : 'low' })
    this.labelAbove = look.above
    this.#look = look
    this.#full = look.crown === true && id % 2 === 0 ? 'tree1' : look.full
    this.#sprite = this.root.addChild(new Sprite({ texture: atlas.get(this.#full), anchor: 0.5 }))
    if (kind === KIND.tree || kind === KIND.rock) this.#sprite.rotation = (id % 7) - 3
  }

  protected override draw({ latest: { flags } }: ShownEntity, { underfoot }: FigureFrame): void {
    const spent = (flags & FLAG.depleted) !== 0
    this.#sprite.texture = this.atlas.get(spent ? this.#look.spent : this.#full)
    const crown = this.#look.crown === true
    this.shadow.alpha = spent && crown ? 0.25 : 1
    // The player sees what is under a crown.
    const over = crown && !spent && underfoot
    this.#sprite.alpha += ((over ? 0.4 : 1) - this.#sprite.alpha) * 0.15
  }

  protected override tint(colour: number | undefined): void {
    this.#sprite.tint = colour ?? 0xffffff
  }
}

/** The figure of a kind of entity. */
export function figureOf(atlas: Atlas, layers: Layers, { id, latest: { kind } }: ShownEntity, nowMs: number): Figure {
  if (kind === KIND.player) return new CharacterFigure(atlas, layers, id, nowMs)
  return isCreature(kind) ? new CreatureFigure(atlas, layers, kind, nowMs) : new ThingFigure(atlas, layers, { id, kind, nowMs })
}
