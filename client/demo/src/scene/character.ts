import { FLAG } from '../../../../gameserver/demo/flags.ts'
import type { GuildId } from '../../../../model/ids.ts'
import type { ShownEntity } from '../../../index.ts'
import type { Atlas } from './art/atlas.ts'
import { type BodyParts, hideAll, type Part } from './crowdLayer.ts'
import { Figure, type FigureFrame, type Layers } from './figure.ts'
import { ART, hueColour, NO_GUILD } from './look.ts'

const WHITE = 0xffffff
/** What a blow does to all colours, as a factor per channel. */
const STRUCK = 0xff9a86
const hair = [0x4a3524, 0x2b2320, 0x8a5a2b, 0xc9a35a, 0x9a9a9a, 0x6e3420]

/** A character: cloak in the guild's colour, hair by the person, arms and feet that walk, a sword in a fight. */
export class CharacterFigure extends Figure {
  protected readonly labelAbove = 40
  readonly #body: BodyParts
  readonly #hair: number
  #cloak = NO_GUILD
  #guild: GuildId | undefined
  #swungAt = Number.NEGATIVE_INFINITY
  #stride = 0
  #last = { x: Number.NaN, y: Number.NaN }

  constructor(atlas: Atlas, layers: Layers, id: number, nowMs: number) {
    super(atlas, layers, nowMs)
    this.#body = layers.crowd.body()
    this.#hair = hair[id % hair.length] ?? WHITE
  }

  override swing(nowMs: number): void {
    this.#swungAt = nowMs
  }

  protected override draw({ heading, latest: { flags } }: ShownEntity, { x, y, nowMs, guild }: FigureFrame, look: { alpha: number; struck: boolean }): void {
    const walked = Number.isNaN(this.#last.x) ? 0 : Math.hypot(x - this.#last.x, y - this.#last.y)
    this.#last.x = x
    this.#last.y = y
    this.#stride += Math.min(walked, ART) / 22
    const step = walked > 0.15 ? Math.sin(this.#stride) : 0
    const fighting = (flags & FLAG.fighting) !== 0
    const swing = Math.max(0, 1 - (nowMs - this.#swungAt) / 220)
    const work = (flags & FLAG.gathering) !== 0 ? Math.sin(nowMs / 90) * 7 : 0
    const alpha = look.alpha * ((flags & FLAG.dead) !== 0 ? 0.45 : 1)
    if (guild !== this.#guild) {
      this.#guild = guild
      this.#cloak = guild === undefined ? NO_GUILD : guildColour(guild)
    }
    const [left, right, sword, leftArm, rightArm, cloak, face, head] = this.#body.parts as readonly [Part, Part, Part, Part, Part, Part, Part, Part] // PARTS
    const [cos, sin] = [Math.cos(heading), Math.sin(heading)]
    const put = (part: Part, along: number, aside: number, turn: number): void =>
      part.place(x + cos * along - sin * aside, y + sin * along + cos * aside, heading + turn)
    const shade = look.struck ? STRUCK : WHITE
    this.#body.shadow.place(x + 5, y + 7, 0)
    this.#body.shadow.paint(WHITE, look.alpha)
    put(left, step * 11, -9, 0)
    put(right, -step * 11, 9, 0)
    put(sword, 26 + swing * 12, 20 - swing * 26, 0.5 - swing * 1.7)
    put(leftArm, 4 - step * 8, -21, 0)
    put(rightArm, 8 + step * 8 + work + swing * 10, 19 - swing * 12, 0)
    put(cloak, 0, 0, step * 0.07 - swing * 0.3)
    put(face, 0, 0, 0)
    put(head, 0, 0, 0)
    left.paint(shade, alpha)
    right.paint(shade, alpha)
    sword.paint(shade, fighting || swing > 0 ? alpha : 0)
    leftArm.paint(shade, alpha)
    rightArm.paint(shade, alpha)
    cloak.paint(look.struck ? multiplied(this.#cloak, STRUCK) : this.#cloak, alpha)
    face.paint(shade, alpha)
    head.paint(look.struck ? multiplied(this.#hair, STRUCK) : this.#hair, alpha)
  }

  protected override hide(): void {
    hideAll(this.#body.parts)
    this.#body.shadow.paint(WHITE, 0)
  }

  override destroy(): void {
    super.destroy()
    this.layers.crowd.release(this.#body)
  }
}

function multiplied(a: number, b: number): number {
  const channel = (shift: number): number => Math.round((((a >> shift) & 0xff) * ((b >> shift) & 0xff)) / 255) << shift
  return channel(16) | channel(8) | channel(0)
}

function guildColour(guild: GuildId): number {
  let seed = 7
  for (const letter of guild) seed = (seed * 31 + letter.charCodeAt(0)) % 100_003
  return hueColour(seed)
}
