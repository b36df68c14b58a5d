import { BitmapText, type Container, Sprite } from 'pixi.js'
import { KIND } from '../../../../gameserver/demo/maps.ts'
import type { GuildId } from '../../../../model/ids.ts'
import type { ShownEntity } from '../../../index.ts'
import type { Atlas } from './art/atlas.ts'
import type { Bar, Crowd } from './crowdLayer.ts'

/** What a player is to the one who looks. */
export type Relation = 'self' | 'party' | 'friend' | 'other'

/** Layers of the scene in which a figure has parts. */
export interface Layers {
  shadows: Container
  low: Container
  bodies: Container
  crowns: Container
  labels: Container
  crowd: Crowd
}

/** How one entity looks in this frame. One object for all entities: it is valid only during the call. */
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
/** Time in ms in which a figure comes up. */
const FADE_MS = 180

/** One entity on the screen. */
export abstract class Figure {
  #label: BitmapText | undefined
  #bar: Bar | undefined
  #mark: Sprite | undefined
  readonly #bornAt: number
  #struckAt = Number.NEGATIVE_INFINITY
  protected readonly atlas: Atlas
  protected readonly layers: Layers

  constructor(atlas: Atlas, layers: Layers, nowMs: number) {
    this.atlas = atlas
    this.layers = layers
    this.#bornAt = nowMs
  }

  /** Height of the name above the middle, in pixels of the art. */
  protected abstract readonly labelAbove: number

  update(entity: ShownEntity, frame: FigureFrame): void {
    const { x, y, nowMs, inView } = frame
    const labelled = inView && (frame.named || frame.targeted)
    if (this.#label !== undefined) this.#label.visible = labelled
    if (!inView) {
      this.hide()
      this.#bar?.hide()
      if (this.#mark !== undefined) this.#mark.visible = false
      return
    }
    this.draw(entity, frame, { alpha: Math.min(1, (nowMs - this.#bornAt) / FADE_MS), struck: nowMs - this.#struckAt < 160 })
    if (labelled) this.#showLabel(entity, frame)
    const { health } = entity.latest as { health?: number }
    if (health !== undefined && health > 0 && (health < 100 || frame.targeted)) {
      this.#bar ??= this.layers.crowd.bar()
      this.#bar.show(x, y - this.labelAbove + 10, health, entity.latest.kind === KIND.player)
    } else this.#bar?.hide()
    this.#showMark(frame)
  }

  /** It was hit. */
  strike(nowMs: number): void {
    this.#struckAt = nowMs
  }
  /** It moves its weapon; only characters do. */
  swing(_nowMs: number): void {}

  /** `struck`: it was hit a moment ago. */
  protected abstract draw(entity: ShownEntity, frame: FigureFrame, state: { alpha: number; struck: boolean }): void
  protected abstract hide(): void

  destroy(): void {
    this.#bar?.release()
    this.#label?.destroy()
    this.#mark?.destroy()
  }

  #showLabel({ latest: { name } }: ShownEntity, { x, y, relation, targeted }: FigureFrame): void {
    this.#label ??= this.layers.labels.addChild(new BitmapText({ text: name, anchor: { x: 0.5, y: 1 }, style: { fontFamily: 'strata names', fontSize: 20 } }))
    const label = this.#label
    if (label.text !== name) label.text = name
    label.tint = targeted ? 0xff9d8c : nameColours[relation]
    label.position.set(x, y - this.labelAbove)
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
