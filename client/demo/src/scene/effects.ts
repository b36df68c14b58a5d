import { BitmapText, Container, Sprite } from 'pixi.js'
import type { Atlas } from './art/atlas.ts'
import type { Point } from './geography.ts'

/** Most effects at once; later ones are left out. */
const MOST = 160

interface Effect {
  part: Container
  bornAt: number
  lifeMs: number
  /** `share`: how much of its life is over, 0 to 1. */
  step: (part: Container, share: number) => void
}

/** What flashes up and goes: blows, numbers, sparks, loot that flies to its owner. Positions in pixels of the art. */
export class Effects {
  readonly container = new Container({ label: 'effects' })
  readonly #atlas: Atlas
  readonly #running: Effect[] = []

  constructor(atlas: Atlas) {
    this.#atlas = atlas
  }

  update(nowMs: number): void {
    for (let index = this.#running.length - 1; index >= 0; index--) {
      const effect = this.#running[index]
      if (effect === undefined) continue
      const share = (nowMs - effect.bornAt) / effect.lifeMs
      if (share < 1) effect.step(effect.part, Math.max(0, share))
      else {
        effect.part.destroy({ children: true })
        this.#running.splice(index, 1)
      }
    }
  }

  clear(): void {
    for (const { part } of this.#running) part.destroy({ children: true })
    this.#running.length = 0
  }

  /** A blow from one place at another. */
  blow(from: Point, to: Point, { damage, ours, nowMs }: { damage: number; ours: boolean; nowMs: number }): void {
    const turn = Math.atan2(to.y - from.y, to.x - from.x)
    const slash = this.#sprite('slash', ours ? 0xff8570 : 0xfff3d6)
    slash.position.set(from.x + Math.cos(turn) * 12, from.y + Math.sin(turn) * 12)
    this.#run(slash, nowMs, 200, (part, share) => {
      part.rotation = turn + (share - 0.5) * 1.1
      part.scale.set(0.7 + share * 0.5)
      part.alpha = 1 - share
    })
    for (let index = 0; index < 5; index++) {
      const spark = this.#sprite('spark', ours ? 0xff6a55 : 0xffd98a)
      const way = turn + (index - 2) * 0.5
      this.#run(spark, nowMs, 320, (part, share) => {
        part.position.set(to.x + Math.cos(way) * (14 + share * 46), to.y + Math.sin(way) * (14 + share * 46))
        part.alpha = 1 - share
        part.scale.set(1 - share * 0.6)
      })
    }
    this.rise(to, `${damage}`, { colour: ours ? 0xff8570 : 0xffe9b0, nowMs })
  }

  /** A word or a number that rises from a place. */
  rise(at: Point, text: string, { colour, nowMs, size = 26 }: { colour: number; nowMs: number; size?: number }): void {
    const word = new BitmapText({ text, anchor: 0.5, style: { fontFamily: 'strata names', fontSize: size } })
    word.tint = colour
    const sideways = ((nowMs * 7) % 30) - 15
    this.#run(word, nowMs, 900, (part, share) => {
      part.position.set(at.x + sideways, at.y - 34 - share * 46)
      part.alpha = share < 0.6 ? 1 : (1 - share) / 0.4
      part.scale.set(share < 0.15 ? 0.6 + share * 4 : 1.2 - share * 0.2)
    })
  }

  /** A ring that spreads, such as for a kill or an arrival. */
  ring(at: Point, colour: number, nowMs: number): void {
    for (const delay of [0, 120]) {
      const ring = this.#sprite('ring', colour)
      ring.position.set(at.x, at.y)
      this.#run(ring, nowMs + delay, 600, (part, share) => {
        part.scale.set(0.4 + share * 2)
        part.alpha = (1 - share) * 0.8
      })
    }
  }

  /** An item that jumps out of a place and flies to its owner. `to` is asked in each frame: the owner walks on. */
  loot(item: string, from: Point, to: () => Point | undefined, nowMs: number): void {
    const icon = new Container()
    icon.addChild(this.#sprite('glow', 0xffe08a), this.#sprite(this.#atlas.has(item) ? item : 'hide', 0xffffff))
    icon.children[0]?.scale.set(0.55)
    const side = ((nowMs * 13) % 60) - 30
    this.#run(icon, nowMs, 1_100, (part, share) => {
      const goal = to() ?? from
      const fly = share < 0.45 ? 0 : ((share - 0.45) / 0.55) ** 2
      const jump = Math.sin(Math.min(1, share / 0.45) * Math.PI) * 50
      const spread = Math.min(1, share / 0.45) * side
      part.position.set(from.x + spread + (goal.x - from.x - spread) * fly, from.y - jump + (goal.y - from.y) * fly)
      part.scale.set(1.15 - fly * 0.6)
      part.alpha = share > 0.92 ? (1 - share) / 0.08 : 1
    })
  }

  #sprite(name: string, tint: number): Sprite {
    return new Sprite({ texture: this.#atlas.get(name), anchor: 0.5, tint })
  }

  #run(part: Container, bornAt: number, lifeMs: number, step: Effect['step']): void {
    if (this.#running.length >= MOST) {
      part.destroy({ children: true })
      return
    }
    step(part, 0)
    this.container.addChild(part)
    this.#running.push({ part, bornAt, lifeMs, step })
  }
}
