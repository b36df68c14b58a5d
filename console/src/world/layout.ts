import type { CopyId, MapName } from '../../../model/ids.ts'
import type { LiveCopy, LiveMap } from '../../../model/wire/live.ts'

/** Everything in CSS pixels. */
export interface Cell {
  copy: LiveCopy
  /** Left upper corner of the slot. The slot stands for the hard cap. */
  x: number
  y: number
}
export interface Tile {
  map: LiveMap
  players: number
  x: number
  y: number
  width: number
  height: number
  cells: Cell[]
}
export interface Layout {
  width: number
  height: number
  /** Edge of each slot. */
  slot: number
  tiles: Tile[]
  cellOf: ReadonlyMap<CopyId, Cell>
}

/** Space for the two lines of text at the top of a tile. */
const HEAD = 44
const PADDING = 10
/** Space between tiles. */
const GAP = 12
/** Space between slots. */
const SLOT_GAP = 4
/** A tile is wide enough for its text. */
const LEAST_WIDTH = 168
/** Edge of a slot by number of copies in the picture: few copies are large, a thousand fit on a screen. */
const slotSizes = [
  { upTo: 40, slot: 56 },
  { upTo: 150, slot: 40 },
  { upTo: 400, slot: 28 },
  { upTo: Number.POSITIVE_INFINITY, slot: 18 },
]

/**
 * Places maps as tiles in rows, and the copies of each map as slots in its tile, oldest first, so that a copy keeps its place while it lives. Maps without copies
 * have a small tile.
 */
export function layOut(maps: readonly LiveMap[], copies: Iterable<LiveCopy>, width: number): Layout {
  const byMap = new Map<MapName, LiveCopy[]>(maps.map(({ map }) => [map, []]))
  let count = 0
  for (const copy of copies) {
    const list = byMap.get(copy.map)
    if (list === undefined) continue
    list.push(copy)
    count++
  }
  const slot = slotSizes.find(({ upTo }) => count <= upTo)?.slot ?? 18
  const step = slot + SLOT_GAP
  const most = Math.max(1, Math.floor((width - 2 * PADDING + SLOT_GAP) / step))
  const tiles: Tile[] = []
  const cellOf = new Map<CopyId, Cell>()
  let [x, y, rowHeight] = [0, 0, 0]
  for (const map of maps) {
    const own = (byMap.get(map.map) ?? []).sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1))
    const columns = Math.min(most, Math.max(1, Math.ceil(Math.sqrt(own.length * 2)), Math.floor((LEAST_WIDTH - 2 * PADDING) / step)))
    const rows = Math.max(1, Math.ceil(own.length / columns))
    const tileWidth = Math.min(width, Math.max(LEAST_WIDTH, columns * step - SLOT_GAP + 2 * PADDING))
    const tileHeight = HEAD + rows * step - SLOT_GAP + PADDING
    if (x > 0 && x + tileWidth > width) [x, y, rowHeight] = [0, y + rowHeight + GAP, 0]
    const cells = own.map((copy, index) => ({
      copy,
      x: x + PADDING + (index % columns) * step,
      y: y + HEAD + Math.floor(index / columns) * step,
    }))
    for (const cell of cells) cellOf.set(cell.copy.id, cell)
    tiles.push({ map, players: own.reduce((sum, { players }) => sum + players, 0), x, y, width: tileWidth, height: tileHeight, cells })
    x += tileWidth + GAP
    rowHeight = Math.max(rowHeight, tileHeight)
  }
  return { width, height: y + rowHeight, slot, tiles, cellOf }
}

/** The cell at a point. */
export function cellAt({ tiles, slot }: Layout, x: number, y: number): Cell | undefined {
  for (const tile of tiles) {
    if (x < tile.x || y < tile.y || x > tile.x + tile.width || y > tile.y + tile.height) continue
    return tile.cells.find((cell) => x >= cell.x && x <= cell.x + slot && y >= cell.y && y <= cell.y + slot)
  }
  return undefined
}

/** The nearest cell in a direction, for the arrow keys. Without a cell before: the first one. */
export function neighbour({ tiles, slot }: Layout, from: Cell | undefined, dx: number, dy: number): Cell | undefined {
  const cells = tiles.flatMap((tile) => tile.cells)
  if (from === undefined) return cells[0]
  let [best, bestCost]: [Cell | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
  for (const cell of cells) {
    const along = (cell.x - from.x) * dx + (cell.y - from.y) * dy
    const across = Math.abs((cell.x - from.x) * dy) + Math.abs((cell.y - from.y) * dx)
    if (along < slot / 2) continue
    // A cell beside the line costs twice its distance from it, so that rows and columns are followed first.
    const cost = along + 2 * across
    if (cost < bestCost) [best, bestCost] = [cell, cost]
  }
  return best ?? from
}
