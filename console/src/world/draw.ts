import type { Flow, LiveCopy } from '../../../model/wire/live.ts'
import type { Cell, Layout, Tile } from './layout.ts'
import { count } from './words.ts'

/** Colours of the picture, read from the style of the page, so that they follow light and dark. */
export interface Colours {
  text: string
  dimmed: string
  tile: string
  border: string
  slot: string
  focus: string
  flow: string
  state: Record<LiveCopy['state'], string>
}

export interface Particle {
  from: Cell
  to: Cell
  /** When it starts, in ms of `performance.now()`. */
  start: number
}

/** How long a move is shown, in ms. */
export const FLIGHT_MS = 1_100
/** Dots of one flow at most: nobody can count more. */
const MOST_DOTS = 12
/** All dots at most; later moves are not shown while this many fly. */
const MOST_PARTICLES = 2_000
/** Time between the dots of one flow, in ms. */
const BETWEEN_DOTS_MS = 60
/** How fast the size of a cell follows its population: share of the way in each second. */
const GROWTH_PER_SECOND = 6

/** Adds the dots of these moves. Cells that are not in the picture show none. */
export function addParticles(particles: Particle[], flows: readonly Flow[], { cellOf }: Layout, now: number): void {
  for (const [fromId, toId, players] of flows) {
    const [from, to] = [cellOf.get(fromId), cellOf.get(toId)]
    if (from === undefined || to === undefined) continue
    for (let dot = 0; dot < Math.min(players, MOST_DOTS) && particles.length < MOST_PARTICLES; dot++)
      particles.push({ from, to, start: now + dot * BETWEEN_DOTS_MS })
  }
}

/** Moves the shown sizes towards the populations. Returns whether any still changes. `sizes` has the shown share of the hard cap by copy. */
export function grow(sizes: Map<string, number>, { tiles }: Layout, seconds: number): boolean {
  const step = Math.min(1, seconds * GROWTH_PER_SECOND)
  let moving = false
  const seen = new Set<string>()
  for (const { map, cells } of tiles) {
    for (const { copy } of cells) {
      seen.add(copy.id)
      const target = Math.min(1, (copy.players + copy.held) / Math.max(1, map.hard))
      const size = sizes.get(copy.id) ?? 0
      const next = Math.abs(target - size) < 0.004 ? target : size + (target - size) * step
      if (next !== target) moving = true
      sizes.set(copy.id, next)
    }
  }
  for (const id of sizes.keys()) if (!seen.has(id)) sizes.delete(id)
  return moving
}

/** A square of this edge holds the number of its players, in CSS pixels; otherwise the number is below it. */
const NUMBER_FITS = 22

export interface Scene {
  layout: Layout
  colours: Colours
  sizes: ReadonlyMap<string, number>
  particles: readonly Particle[]
  selected: string | undefined
  font: string
  now: number
}

export function draw(context: CanvasRenderingContext2D, scene: Scene): void {
  const { layout, colours, selected } = scene
  context.clearRect(0, 0, layout.width, layout.height)
  for (const tile of layout.tiles) drawTile(context, tile, scene)
  context.fillStyle = colours.flow
  for (const { from, to, start } of scene.particles) {
    const progress = (scene.now - start) / FLIGHT_MS
    if (progress < 0 || progress > 1) continue
    drawDot(context, { from, to, progress, slot: layout.slot })
  }
  const cell = selected === undefined ? undefined : layout.cellOf.get(selected)
  if (cell === undefined) return
  context.strokeStyle = colours.focus
  context.lineWidth = 3
  context.strokeRect(cell.x - 2, cell.y - 2, layout.slot + 4, layout.slot + 4)
}

function drawTile(context: CanvasRenderingContext2D, tile: Tile, { layout: { slot }, colours, sizes, font }: Scene): void {
  const { map, players, x, y, width, height, cells } = tile
  context.fillStyle = colours.tile
  context.strokeStyle = colours.border
  context.lineWidth = 1
  context.beginPath()
  context.roundRect(x + 0.5, y + 0.5, width - 1, height - 1, 8)
  context.fill()
  context.stroke()
  context.textAlign = 'left'
  context.textBaseline = 'alphabetic'
  context.fillStyle = colours.text
  context.font = `600 14px ${font}`
  context.fillText(map.map, x + 10, y + 20, width - 20)
  context.fillStyle = map.policyError === undefined ? colours.dimmed : colours.state.lost
  context.font = `12px ${font}`
  const waiting = map.waiting > 0 ? ` · ${map.waiting} in line` : ''
  const problem = map.policyError === undefined ? '' : ' · policy refused'
  context.fillText(`${count(players, 'player')} · ${count(cells.length, 'copy', 'copies')}${waiting}${problem}`, x + 10, y + 36, width - 20)
  // One pass per colour: a change of the fill style costs more than a rectangle.
  context.fillStyle = colours.slot
  for (const cell of cells) context.fillRect(cell.x, cell.y, slot, slot)
  for (const [state, colour] of Object.entries(colours.state)) {
    context.fillStyle = colour
    for (const cell of cells) {
      if (cell.copy.state !== state) continue
      // The area, not the edge, is the population. An empty copy is a small square, so that its state is seen.
      const edge = Math.max(5, slot * Math.sqrt(sizes.get(cell.copy.id) ?? 0))
      context.fillRect(cell.x + (slot - edge) / 2, cell.y + (slot - edge) / 2, edge, edge)
    }
  }
  if (slot < 40) return
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.font = `600 12px ${font}`
  for (const cell of cells) {
    const large = slot * Math.sqrt(sizes.get(cell.copy.id) ?? 0) >= NUMBER_FITS
    context.fillStyle = large ? '#fff' : colours.text
    const middle = cell.y + slot / 2
    context.fillText(String(cell.copy.players), cell.x + slot / 2, large ? middle : cell.y + slot - 9)
  }
}

/** A dot on its way, on a curve, so that the two directions between two cells differ. */
function drawDot(context: CanvasRenderingContext2D, { from, to, progress, slot }: { from: Cell; to: Cell; progress: number; slot: number }): void {
  const [x0, y0, x1, y1] = [from.x + slot / 2, from.y + slot / 2, to.x + slot / 2, to.y + slot / 2]
  const eased = progress * progress * (3 - 2 * progress)
  const bend = 4 * eased * (1 - eased) * 0.18
  const x = x0 + (x1 - x0) * eased - (y1 - y0) * bend
  const y = y0 + (y1 - y0) * eased + (x1 - x0) * bend
  context.beginPath()
  context.arc(x, y, slot > 20 ? 3.5 : 2.5, 0, 2 * Math.PI)
  context.fill()
}
