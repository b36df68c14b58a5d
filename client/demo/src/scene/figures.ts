import { Container, Sprite } from 'pixi.js'
import { FLAG } from '../../../../gameserver/demo/flags.ts'
import { KIND } from '../../../../gameserver/demo/maps.ts'
import type { ShownEntity } from '../../../index.ts'
import type { Atlas } from './art/atlas.ts'
import { CharacterFigure } from './character.ts'
import { Figure, type FigureFrame, type Layers } from './figure.ts'

/** A creature or a thing of the map, made of sprites. A map has fewer of these than of characters. */
abstract class SpriteFigure extends Figure {
  protected readonly root = new Container()
  protected readonly shadow: Sprite

  constructor(atlas: Atlas, layers: Layers, { nowMs, shadowScale, layer }: { nowMs: number; shadowScale: number; layer: 'low' | 'bodies' | 'crowns' }) {
    super(atlas, layers, nowMs)
    this.shadow = new Sprite({ texture: atlas.get('shadow'), anchor: 0.5, scale: shadowScale })
    layers.shadows.addChild(this.shadow)
    layers[layer].addChild(this.root)
  }

  protected override draw(entity: ShownEntity, frame: FigureFrame, { alpha, struck }: { alpha: number; struck: boolean }): void {
    this.root.visible = true
    this.shadow.visible = true
    this.root.position.set(frame.x, frame.y)
    this.shadow.position.set(frame.x + 5, frame.y + 7)
    this.root.alpha = alpha
    this.drawSprite(entity, frame)
    this.tint(struck ? 0xff9a86 : undefined)
  }

  protected override hide(): void {
    this.root.visible = false
    this.shadow.visible = false
  }

  override destroy(): void {
    super.destroy()
    this.root.destroy({ children: true })
    this.shadow.destroy()
  }

  protected abstract drawSprite(entity: ShownEntity, frame: FigureFrame): void
  protected abstract tint(colour: number | undefined): void
}

const creatureLooks: Record<number, { sprite: string; shadow: number; above: number }> = {
  [KIND.boar]: { sprite: 'boar', shadow: 1.15, above: 38 },
  [KIND.wolf]: { sprite: 'wolf', shadow: 1.1, above: 38 },
  [KIND.wight]: { sprite: 'wight', shadow: 1.2, above: 46 },
  [KIND.barrowKing]: { sprite: 'barrowKing', shadow: 2.2, above: 76 },
}
export const isCreature = (kind: number): boolean => creatureLooks[kind] !== undefined

class CreatureFigure extends SpriteFigure {
  protected readonly labelAbove: number
  readonly #sprite: Sprite
  #bounce = 0

  constructor(atlas: Atlas, layers: Layers, kind: number, nowMs: number) {
    const look = creatureLooks[kind] ?? { sprite: 'boar', shadow: 1, above: 40 }
    super(atlas, layers, { nowMs, shadowScale: look.shadow, layer: 'bodies' })
    this.labelAbove = look.above
    this.#sprite = this.root.addChild(new Sprite({ texture: atlas.get(look.sprite), anchor: 0.5 }))
  }

  protected override drawSprite({ heading, latest: { flags } }: ShownEntity, { nowMs }: FigureFrame): void {
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

class ThingFigure extends SpriteFigure {
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

  protected override drawSprite({ latest: { flags } }: ShownEntity, { underfoot }: FigureFrame): void {
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
