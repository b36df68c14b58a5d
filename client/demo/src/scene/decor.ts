import { Container, Sprite } from 'pixi.js'
import { barrowRooms, ROOM_M } from '../../../../gameserver/demo/barrow.ts'
import { demoMap } from '../../../../gameserver/demo/maps.ts'
import type { MapName } from '../../../../model/ids.ts'
import type { Atlas } from './art/atlas.ts'
import { noiseAt, type Point } from './geography.ts'
import { BEYOND_M, type Ground } from './ground.ts'
import { ART, lookOf } from './look.ts'
import { isWild } from './roads.ts'

/** Side of a square of land that is filled at once, in metres. */
const CHUNK_M = 16
/** Squares that are filled in one frame at most. */
const FILLED_PER_FRAME = 6
/** Distance in metres at which a crown over the player becomes transparent. */
const UNDER_M = 4
/** What is seen through, over the player. */
const UNDER_ALPHA = 0.35

interface Chunk {
  low: Container
  high: Container
  crowns: { sprite: Sprite; x: number; y: number }[]
}

/** Plants and stones that are only to look at. They stand at the same places on every screen; only those around the camera exist. */
export class Decor {
  readonly low = new Container({ label: 'decor' })
  readonly high = new Container({ label: 'crowns' })
  readonly #atlas: Atlas
  readonly #chunks = new Map<string, Chunk>()

  constructor(atlas: Atlas) {
    this.#atlas = atlas
  }

  clear(): void {
    for (const key of [...this.#chunks.keys()]) this.#drop(key)
  }

  /** Fills what the camera sees, some squares a frame, and fades the crowns over the player. */
  update(ground: Ground, centre: Point, halfWidthM: number, halfHeightM: number): void {
    const [west, east] = [Math.floor((centre.x - halfWidthM - 4) / CHUNK_M), Math.floor((centre.x + halfWidthM + 4) / CHUNK_M)]
    const [north, south] = [Math.floor((centre.y - halfHeightM - 4) / CHUNK_M), Math.floor((centre.y + halfHeightM + 4) / CHUNK_M)]
    for (const key of [...this.#chunks.keys()]) {
      const [x = 0, y = 0] = key.split(' ').map(Number)
      if (x < west - 1 || x > east + 1 || y < north - 1 || y > south + 1) this.#drop(key)
    }
    let filled = 0
    for (let x = west; x <= east; x++) {
      for (let y = north; y <= south; y++) {
        const key = `${x} ${y}`
        const chunk = this.#chunks.get(key)
        if (chunk !== undefined) fade(chunk, centre)
        else if (filled++ < FILLED_PER_FRAME) this.#chunks.set(key, this.#fill(ground, x, y))
      }
    }
  }

  #drop(key: string): void {
    const chunk = this.#chunks.get(key)
    this.#chunks.delete(key)
    chunk?.low.destroy({ children: true })
    chunk?.high.destroy({ children: true })
  }

  #fill(ground: Ground, cx: number, cy: number): Chunk {
    const chunk: Chunk = { low: new Container(), high: new Container(), crowns: [] }
    this.low.addChild(chunk.low)
    this.high.addChild(chunk.high)
    const middle = { x: (cx + 0.5) * CHUNK_M, y: (cy + 0.5) * CHUNK_M }
    const inside = ground.mapAt(middle)
    const map = inside ?? nearest(ground, middle)
    if (map === undefined) return chunk
    const { decor, wall } = lookOf(map)
    if (inside === undefined || !ground.mapAt({ x: middle.x + CHUNK_M / 2, y: middle.y }) || !ground.mapAt({ x: middle.x, y: middle.y + CHUNK_M / 2 })) {
      this.#row(ground, chunk, { cx, cy, wall })
    }
    if (inside === undefined) return chunk
    for (const [kind, { sprite, count, canopy = false }] of decor.entries()) {
      for (let index = 0; index < count; index++) {
        // Of "0.6 on each square" six of ten squares get one.
        if (noiseAt(cx * 31 + index, cy, kind + 60) > count - index) continue
        const at = { x: (cx + noiseAt(cx, cy * 57 + index, kind + 100)) * CHUNK_M, y: (cy + noiseAt(cx * 57 + index, cy, kind + 200)) * CHUNK_M }
        if (isFree(ground, map, at)) this.#put(chunk, { sprite, at, canopy, turn: noiseAt(cx + index, cy + kind, 5) })
      }
    }
    return chunk
  }

  /** A dense row of what ends the land. */
  #row(ground: Ground, chunk: Chunk, { cx, cy, wall }: { cx: number; cy: number; wall: string }): void {
    const spacing = wall === 'house' ? 8 : 4
    for (let x = 0; x < CHUNK_M; x += spacing) {
      for (let y = 0; y < CHUNK_M; y += spacing) {
        const [gx, gy] = [cx * CHUNK_M + x, cy * CHUNK_M + y]
        const at = { x: gx + noiseAt(gx, gy, 71) * 3, y: gy + noiseAt(gx, gy, 72) * 3 }
        const map = nearest(ground, at)
        if (map === undefined || demoMap(map).walls.length > 0 || ground.mapAt({ x: at.x, y: at.y }) !== undefined) continue
        this.#put(chunk, { sprite: wall, at, canopy: true, turn: noiseAt(gx, gy, 73) })
      }
    }
  }

  #put(chunk: Chunk, { sprite, at, canopy, turn }: { sprite: string; at: Point; canopy: boolean; turn: number }): void {
    const position = { x: at.x * ART, y: at.y * ART }
    const straight = sprite === 'house' || sprite === 'roof' || sprite === 'planter' || sprite === 'crate'
    const upright = ['tuft', 'dry', 'flower', 'heather', 'lamp'].includes(sprite)
    const size = 0.8 + turn * 0.5
    if (canopy) {
      chunk.low.addChild(
        new Sprite({
          texture: this.#atlas.get('shadow'),
          anchor: 0.5,
          position: { x: position.x + 14 * size, y: position.y + 18 * size },
          scale: (straight ? 4.2 : 2.7) * size,
          alpha: 0.85,
        }),
      )
    }
    const one = new Sprite({
      texture: this.#atlas.get(sprite),
      anchor: 0.5,
      position,
      scale: size,
      rotation: upright ? 0 : straight ? Math.round(turn * 4) * (Math.PI / 2) : turn * 6.28,
    })
    if (canopy) chunk.crowns.push({ sprite: one, x: at.x, y: at.y })
    const layer = canopy ? chunk.high : chunk.low
    layer.addChild(one)
  }
}

function fade({ crowns }: Chunk, { x, y }: Point): void {
  for (const crown of crowns) {
    const near = Math.abs(crown.x - x) < UNDER_M && Math.abs(crown.y - y) < UNDER_M
    crown.sprite.alpha += ((near ? UNDER_ALPHA : 1) - crown.sprite.alpha) * 0.12
  }
}

function isFree(ground: Ground, map: MapName, at: Point): boolean {
  const origin = ground.origins.get(map) ?? { x: 0, y: 0 }
  const local = { x: at.x - origin.x, y: at.y - origin.y }
  const { half, walls } = demoMap(map)
  if (walls.length > 0) return barrowRooms.some(({ x, y }) => Math.abs(local.x - x) < ROOM_M / 2 - 2 && Math.abs(local.y - y) < ROOM_M / 2 - 2)
  return Math.abs(local.x) < half && Math.abs(local.y) < half && isWild(map, ground.roads.get(map) ?? [], local)
}

/** The map whose edge is nearest, if the land goes on here. */
function nearest(ground: Ground, { x, y }: Point): MapName | undefined {
  let found: { map: MapName; away: number } | undefined
  for (const [map, origin] of ground.origins) {
    const away = Math.max(Math.abs(x - origin.x), Math.abs(y - origin.y)) - demoMap(map).half
    if (away < BEYOND_M && away < (found?.away ?? Number.POSITIVE_INFINITY)) found = { map, away }
  }
  return found?.map
}
