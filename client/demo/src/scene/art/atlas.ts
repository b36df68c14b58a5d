import { Rectangle, Texture } from 'pixi.js'
import type { MapName } from '../../../../../model/ids.ts'
import { smoothNoise } from '../geography.ts'
import { lookOf, type MapLook } from '../look.ts'
import { sprites } from './sprites.ts'

/** Side of the atlas in pixels; every WebGL device has textures of this size. */
const SIDE = 2_048
/** Transparent pixels around each sprite, so that none shows its neighbour's edge. */
const GAP = 2
/** Side of a tile of ground in pixels, and in metres. */
const TILE = 256
export const TILE_M = 16

/** All sprites in one texture: whatever the crowd, it is drawn in few batches. */
export class Atlas {
  readonly #textures = new Map<string, Texture>()
  readonly #grounds = new Map<string, Texture>()

  constructor() {
    const { canvas, context } = blank(SIDE)
    const source = Texture.from(canvas, true).source
    let [x, y, row] = [0, 0, 0]
    for (const [name, { size, draw }] of Object.entries(sprites).sort(([, a], [, b]) => b.size - a.size)) {
      if (x + size > SIDE) [x, y, row] = [0, y + row + GAP, 0]
      context.save()
      context.translate(x + size / 2, y + size / 2)
      draw(context, size / 2)
      context.restore()
      this.#textures.set(name, new Texture({ source, frame: new Rectangle(x, y, size, size) }))
      row = Math.max(row, size)
      x += size + GAP
    }
    source.update()
  }

  get(name: string): Texture {
    return this.#textures.get(name) ?? Texture.EMPTY
  }
  has(name: string): boolean {
    return this.#textures.has(name)
  }

  /** The ground of a map: a tile that repeats without a seam. */
  ground(map: MapName): Texture {
    return this.#tile(`ground ${map}`, (pixels) => paintGround(pixels, lookOf(map)))
  }

  /** Soft light and dark patches over the ground, which hide that it repeats. */
  patches(): Texture {
    return this.#tile('patches', (pixels) => {
      each(pixels, (x, y) => {
        const value = smoothNoise(x / 64, y / 64, 4, 11) * 0.65 + smoothNoise(x / 32, y / 32, 8, 12) * 0.35 - 0.5
        return value > 0 ? [255, 246, 190, value * 90] : [4, 12, 20, -value * 170]
      })
    })
  }

  #tile(name: string, paint: (pixels: ImageData) => void): Texture {
    const known = this.#grounds.get(name)
    if (known !== undefined) return known
    const { canvas, context } = blank(TILE)
    const pixels = context.createImageData(TILE, TILE)
    paint(pixels)
    context.putImageData(pixels, 0, 0)
    const texture = Texture.from(canvas, true)
    texture.source.addressMode = 'repeat'
    this.#grounds.set(name, texture)
    return texture
  }
}

function blank(side: number): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D } {
  const canvas = document.createElement('canvas')
  canvas.width = side
  canvas.height = side
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('this browser has no 2D canvas')
  return { canvas, context }
}

function each({ data }: ImageData, colour: (x: number, y: number) => readonly [number, number, number, number]): void {
  for (let y = 0; y < TILE; y++) {
    for (let x = 0; x < TILE; x++) data.set(colour(x, y), (y * TILE + x) * 4)
  }
}

/** Brightness of the ground at a pixel, around 1; `joint`: a gap between stones. */
const floors: Record<MapLook['floor'], (x: number, y: number) => number> = {
  grass: (x, y) => 0.78 + speck(x, y) * 0.28 + smoothNoise(x / 8, y / 8, 32, 2) * 0.22,
  hill: (x, y) => 0.8 + speck(x, y) * 0.2 + smoothNoise(x / 16, y / 6, 64, 2) * 0.26,
  mud: (x, y) => 0.76 + speck(x, y) * 0.16 + smoothNoise(x / 16, y / 16, 16, 2) * 0.36,
  cobble: (x, y) => stones(x, y, [32, 32]),
  slab: (x, y) => stones(x, y, [64, 64]),
}

function paintGround(pixels: ImageData, { base, floor }: MapLook): void {
  const brightness = floors[floor]
  each(pixels, (x, y) => {
    const light = brightness(x, y)
    const warm = (smoothNoise(x / 32, y / 32, 8, 6) - 0.5) * 14
    return [base[0] * light + warm, base[1] * light, base[2] * light - warm * 0.5, 255]
  })
}

function speck(x: number, y: number): number {
  return smoothNoise(x / 2, y / 2, TILE / 2, 3)
}

/** Rows of stones, each second row shifted by half of one. */
function stones(x: number, y: number, [width, height]: readonly [number, number]): number {
  const row = Math.floor(y / height)
  const shifted = (x + (row % 2) * (width / 2)) % TILE
  const column = Math.floor(shifted / width)
  const [dx, dy] = [shifted - column * width, y - row * height]
  const edge = Math.min(dx, dy, width - dx, height - dy)
  const own = smoothNoise(column + 0.5, row + 0.5, 64, 8) * 0.26
  const grain = speck(x, y) * 0.16
  if (edge < 2) return 0.55 + grain
  return 0.76 + own + grain + (dx < 5 || dy < 5 ? 0.07 : 0)
}
