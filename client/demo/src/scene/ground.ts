import { Container, Graphics, Sprite, TilingSprite } from 'pixi.js'
import { barrowRooms, ROOM_M } from '../../../../gameserver/demo/barrow.ts'
import type { Edge } from '../../../../gameserver/demo/borders.ts'
import { demoMap } from '../../../../gameserver/demo/maps.ts'
import type { MapName } from '../../../../model/ids.ts'
import { type Atlas, TILE_M } from './art/atlas.ts'
import { gateHalf, originsAround, type Point } from './geography.ts'
import { ART, lookOf } from './look.ts'
import { ROAD_HALF_M, roadsOf } from './roads.ts'

/** How far the land goes on beyond an edge without a neighbour, in metres. */
export const BEYOND_M = 70
/** The ground of two neighbours blends over this many metres on each side of the line, in this many steps. */
const BLEND_M = 10
const BLEND_STEPS = 10

/** The land of a map and of all maps that it touches: ground, roads, walls, and the stones where players arrive. */
export class Ground {
  readonly container = new Container({ label: 'ground' })
  readonly origins: Map<MapName, Point>
  readonly roads = new Map<MapName, Point[][]>()
  readonly #atlas: Atlas
  readonly #floorLayer = new Container()
  readonly #floors = new Map<MapName, Container>()
  #here: MapName

  constructor(atlas: Atlas, map: MapName) {
    this.#atlas = atlas
    this.#here = map
    this.origins = originsAround(map)
    for (const one of this.origins.keys()) this.roads.set(one, roadsOf(one))
    for (const one of this.origins.keys()) if (demoMap(one).walls.length === 0) this.#land(one, BEYOND_M, 0x7d8a86)
    this.container.addChild(this.#floorLayer)
    for (const one of this.origins.keys()) this.#floor(one)
    for (const one of this.origins.keys()) this.#blend(one)
    this.#patches()
    for (const one of this.origins.keys()) this.#features(one)
  }

  /** The player is on this map. Where two maps without a common border overlap on the plane, this one is drawn. */
  enter(map: MapName): void {
    this.#here = map
    const floor = this.#floors.get(map)
    if (floor !== undefined) this.#floorLayer.addChild(floor)
  }

  /** The map at a point of the plane; undefined beyond the edges. */
  mapAt({ x, y }: Point): MapName | undefined {
    const here = this.origins.get(this.#here)
    for (const [map, origin] of here === undefined ? this.origins : [[this.#here, here] as const, ...this.origins]) {
      const { half } = demoMap(map)
      if (Math.abs(x - origin.x) <= half && Math.abs(y - origin.y) <= half) return map
    }
    return undefined
  }

  #floor(map: MapName): void {
    const floor = this.#floorLayer.addChild(new Container())
    this.#floors.set(map, floor)
    const side = 2 * demoMap(map).half
    const places =
      demoMap(map).walls.length === 0 ? [{ x: 0, y: 0, width: side, height: side }] : barrowRooms.map(({ x, y }) => ({ x, y, width: ROOM_M, height: ROOM_M }))
    for (const place of places) floor.addChild(this.#tiles(map, place))
  }

  #land(map: MapName, beyondM: number, tint: number): void {
    const side = 2 * (demoMap(map).half + beyondM)
    const tiles = this.container.addChild(this.#tiles(map, { x: 0, y: 0, width: side, height: side }))
    tiles.tint = tint
  }

  /** Ground around a point of a map, in metres. */
  #tiles(map: MapName, { x, y, width, height }: Point & { width: number; height: number }): TilingSprite {
    const origin = this.origins.get(map) ?? { x: 0, y: 0 }
    const scale = (TILE_M * ART) / 256
    const [left, top] = [(origin.x + x - width / 2) * ART, (origin.y + y - height / 2) * ART]
    const tiles = new TilingSprite({
      texture: this.#atlas.ground(map),
      width: width * ART,
      height: height * ART,
      tileScale: { x: scale, y: scale },
      position: { x: left, y: top },
    })
    // All parts of a map's ground fit together.
    tiles.tilePosition.set(-left, -top)
    return tiles
  }

  #blend(map: MapName): void {
    const { half, neighbours } = demoMap(map)
    for (const [edge, neighbour] of Object.entries(neighbours) as [Edge, MapName][]) {
      const across = gateHalf(map, neighbour) * 2
      const width = BLEND_M / BLEND_STEPS
      for (let step = 0; step < BLEND_STEPS; step++) {
        // On the neighbour's side of the line: more of this map the nearer it is.
        const out = half + width * (step + 0.5)
        const lies =
          edge === 'east' || edge === 'west'
            ? { x: edge === 'east' ? out : -out, y: 0, width, height: across }
            : { x: 0, y: edge === 'south' ? out : -out, width: across, height: width }
        const tiles = this.container.addChild(this.#tiles(map, lies))
        tiles.alpha = 0.5 * (1 - (step + 0.5) / BLEND_STEPS)
      }
    }
  }

  #patches(): void {
    for (const [map, { x, y }] of this.origins) {
      if (demoMap(map).walls.length > 0) continue
      const side = 2 * (demoMap(map).half + BEYOND_M) * ART
      const scale = (96 * ART) / 256
      this.container.addChild(
        new TilingSprite({
          texture: this.#atlas.patches(),
          width: side,
          height: side,
          tileScale: { x: scale, y: scale },
          position: { x: x * ART - side / 2, y: y * ART - side / 2 },
          alpha: 0.8,
        }),
      )
    }
  }

  #features(map: MapName): void {
    const origin = this.origins.get(map) ?? { x: 0, y: 0 }
    const place = new Container({ position: { x: origin.x * ART, y: origin.y * ART } })
    place.addChild(this.#drawnRoads(map), drawnWalls(map))
    for (const spawn of demoMap(map).spawns) {
      place.addChild(
        new Sprite({
          texture: this.#atlas.get('waystone'),
          anchor: 0.5,
          position: { x: spawn.x * ART, y: spawn.y * ART },
          scale: demoMap(map).walls.length > 0 ? 0.6 : 1.15,
        }),
      )
    }
    this.container.addChild(place)
  }

  #drawnRoads(map: MapName): Graphics {
    const { path } = lookOf(map)
    const lines = new Graphics()
    for (const [width, color, alpha] of [
      [ROAD_HALF_M * 2.5, path.edge, 0.35],
      [ROAD_HALF_M * 2, path.edge, 0.6],
      [ROAD_HALF_M * 1.7, path.fill, 0.85],
    ] as const) {
      for (const road of this.roads.get(map) ?? []) {
        const [first, ...rest] = road
        lines.moveTo((first?.x ?? 0) * ART, (first?.y ?? 0) * ART)
        for (const { x, y } of rest) lines.lineTo(x * ART, y * ART)
        lines.stroke({ width: width * ART, color, alpha, cap: 'round', join: 'round' })
      }
    }
    return lines
  }
}

/** Walls from above: a shadow to the south-east, the side, and the top. */
function drawnWalls(map: MapName): Graphics {
  const blocks = new Graphics()
  const { walls } = demoMap(map)
  for (const [shift, color, alpha] of [
    [22, 0x000000, 0.4],
    [8, 0x23252d, 1],
    [0, 0x474a57, 1],
  ] as const) {
    for (const { west, north, east, south } of walls) {
      blocks.rect(west * ART + shift * 0.6, north * ART + shift, (east - west) * ART, (south - north) * ART).fill({ color, alpha })
    }
  }
  for (const { west, north, east, south } of walls) {
    blocks.rect(west * ART + 5, north * ART + 5, (east - west) * ART - 10, (south - north) * ART - 10).fill({ color: 0x585c6b })
  }
  return blocks
}
