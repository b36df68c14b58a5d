import { Particle, ParticleContainer } from 'pixi.js'
import type { Atlas } from './art/atlas.ts'

/** Width of a health bar in pixels of the art. */
const BAR_WIDTH = 44
/** Parts of a character, from below: `BodyParts` has the same order. */
const PARTS = ['foot', 'foot', 'sword', 'arm', 'arm', 'cloak', 'face', 'head'] as const
const WHITE = 0xffffff

/** What one character is drawn with. Its parts lie behind each other in the layer, so they are always taken and given back together. */
export interface BodyParts {
  parts: readonly Part[]
  shadow: Part
}

/** A health bar. */
export interface Bar {
  show(x: number, y: number, health: number, friendly: boolean): void
  hide(): void
  release(): void
}

/** A sprite of the crowd: a PixiJS particle, and its colour without the conversions of `tint` and `alpha`. */
export class Part {
  readonly particle: Particle
  #colour = WHITE
  #alpha = 0
  #written = -1

  constructor(particle: Particle) {
    this.particle = particle
    this.#write()
  }

  place(x: number, y: number, rotation: number): void {
    const { particle } = this
    particle.x = x
    particle.y = y
    particle.rotation = rotation
  }

  /** `colour`: 0xRRGGBB. An alpha of 0 hides it. */
  paint(colour: number, alpha: number): void {
    this.#colour = colour
    this.#alpha = alpha
    this.#write()
  }

  /** As PixiJS stores it: alpha, blue, green, red. */
  #write(): void {
    const [c, a] = [this.#colour, Math.round(Math.max(0, Math.min(1, this.#alpha)) * 255)]
    const written = (a << 24) | ((c & 0xff) << 16) | (c & 0xff00) | (c >> 16)
    if (written === this.#written) return
    this.#written = written
    this.particle.color = written
  }
}

/**
 * What there is much of in a crowd: bodies, their shadows and health bars. Each kind is one particle container, which is drawn by one call, and costs a few numbers for
 * each part instead of an object in the tree of the scene. What is given back is hidden and used again.
 */
export class Crowd {
  readonly bodies = layer('bodies of the crowd')
  readonly shadows = layer('shadows of the crowd')
  readonly bars = layer('bars')
  readonly #atlas: Atlas
  readonly #freeBodies: BodyParts[] = []
  readonly #freeBars: (readonly [Part, Part])[] = []

  constructor(atlas: Atlas) {
    this.#atlas = atlas
  }

  /** Parts that were ever made, shown or hidden. */
  get made(): number {
    return this.bodies.particleChildren.length + this.shadows.particleChildren.length + this.bars.particleChildren.length
  }

  body(): BodyParts {
    const free = this.#freeBodies.pop()
    if (free !== undefined) return free
    const made = { parts: PARTS.map((name) => this.#part(this.bodies, name)), shadow: this.#part(this.shadows, 'shadow') }
    made.shadow.particle.scaleX = 0.95
    made.shadow.particle.scaleY = 0.95
    return made
  }

  release(body: BodyParts): void {
    hideAll(body.parts)
    body.shadow.paint(WHITE, 0)
    this.#freeBodies.push(body)
  }

  bar(): Bar {
    const pair = this.#freeBars.pop() ?? ([this.#part(this.bars, 'white'), this.#part(this.bars, 'white')] as const)
    const [back, fill] = pair
    const { width, height } = back.particle.texture
    back.particle.scaleX = (BAR_WIDTH + 4) / width
    back.particle.scaleY = 9 / height
    fill.particle.scaleY = 5 / height
    return {
      show(x, y, health, friendly) {
        const wide = (BAR_WIDTH * health) / 100
        back.place(x, y, 0)
        back.paint(0x0b0f12, 0.75)
        fill.place(x - (BAR_WIDTH - wide) / 2, y, 0)
        fill.particle.scaleX = wide / width
        fill.paint(friendly ? 0x6fce7e : health > 40 ? 0xe0584c : 0xf08a4b, 1)
      },
      hide: () => hideAll(pair),
      release: () => {
        hideAll(pair)
        this.#freeBars.push(pair)
      },
    }
  }

  #part(container: ParticleContainer, name: string): Part {
    const particle = new Particle({ texture: this.#atlas.get(name), anchorX: 0.5, anchorY: 0.5 })
    container.addParticle(particle)
    return new Part(particle)
  }
}

export function hideAll(parts: readonly Part[]): void {
  for (const part of parts) part.paint(WHITE, 0)
}

function layer(label: string): ParticleContainer {
  return new ParticleContainer({ label, dynamicProperties: { vertex: true, position: true, rotation: true, uvs: false, color: true } })
}
