import { Container, Graphics, Text } from 'pixi.js'
import type { EntityId } from '../../../../model/ids.ts'
import type { Point } from './geography.ts'

const SHOWN_MS = 4_500
/** Most bubbles at once: above, the oldest one goes. */
const MOST = 10
const WIDTH = 230

/** What people near the player say, above their heads. */
export class Bubbles {
  readonly container = new Container({ label: 'bubbles' })
  readonly #bubbles = new Map<EntityId, { part: Container; until: number }>()

  say(speaker: EntityId, text: string, nowMs: number): void {
    this.#drop(speaker)
    const [oldest] = this.#bubbles.keys()
    if (this.#bubbles.size >= MOST && oldest !== undefined) this.#drop(oldest)
    const words = new Text({
      text: text.length > 90 ? `${text.slice(0, 88)}…` : text,
      style: { fontFamily: 'system-ui, sans-serif', fontSize: 17, fill: 0x1c2326, wordWrap: true, wordWrapWidth: WIDTH, align: 'center', lineHeight: 21 },
      anchor: { x: 0.5, y: 1 },
      position: { x: 0, y: -14 },
      resolution: 2,
    })
    const [w, h] = [words.width + 22, words.height + 14]
    const back = new Graphics()
      .roundRect(-w / 2, -h - 7, w, h, 11)
      .moveTo(-8, -8)
      .lineTo(8, -8)
      .lineTo(0, 3)
      .closePath()
      .fill({ color: 0xf3f0e4, alpha: 0.94 })
    const part = this.container.addChild(new Container({ children: [back, words] }))
    this.#bubbles.set(speaker, { part, until: nowMs + SHOWN_MS })
  }

  /** `of`: where a speaker is drawn; undefined: out of sight. `scale` keeps the size of the text on the screen. */
  update(nowMs: number, of: (speaker: EntityId) => Point | undefined, scale: number): void {
    for (const [speaker, { part, until }] of this.#bubbles) {
      const at = of(speaker)
      if (nowMs > until || at === undefined) {
        this.#drop(speaker)
        continue
      }
      part.position.set(at.x, at.y - 62)
      part.scale.set(scale)
      part.alpha = Math.min(1, (until - nowMs) / 400)
    }
  }

  clear(): void {
    for (const speaker of [...this.#bubbles.keys()]) this.#drop(speaker)
  }

  #drop(speaker: EntityId): void {
    this.#bubbles.get(speaker)?.part.destroy({ children: true })
    this.#bubbles.delete(speaker)
  }
}
