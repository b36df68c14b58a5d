import type { Instant } from '../model/clock.ts'
import type { CopyId, MapName } from '../model/ids.ts'

/** Players per copy at one moment of a run. `RunStats` takes one sample per second. */
export interface PopulationSample {
  at: Instant
  copies: { map: MapName; copy: CopyId; state: string; players: number }[]
  movesDone: number
}

const WIDTH = 960
const LEFT = 64
const RIGHT = 150
const TOP = 64
const LANE_HEIGHT = 74
const LANE_GAP = 16
const PLOT_WIDTH = WIDTH - LEFT - RIGHT

/** Palette of Okabe & Ito (2008): distinguishable with any colour vision. */
const palette = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8a7f00'] as const

interface Lane {
  copy: CopyId
  points: { x: number; players: number; closing: boolean }[]
}

/**
 * Draws the copies of one map over time as SVG: one lane per copy. The height of a lane is the number of players, and a lane is pale while
 * its copy is closing. Equal samples give equal bytes.
 */
export function drawPopulation(samples: readonly PopulationSample[], map: MapName, hardCap: number): string {
  const [first, last] = [samples.at(0), samples.at(-1)]
  if (first === undefined || last === undefined) throw new RangeError('no samples to draw')
  const span = Math.max(1, last.at - first.at)
  const toX = (at: Instant): number => LEFT + ((at - first.at) / span) * PLOT_WIDTH
  const lanes = toLanes(samples, map, toX)
  const height = TOP + lanes.length * (LANE_HEIGHT + LANE_GAP) + 40
  const parts = lanes.map((lane, index) => drawLane(lane, index, TOP + index * (LANE_HEIGHT + LANE_GAP), hardCap))
  const peak = Math.max(...samples.map((sample) => population(sample, map)))
  const title = `${map}: ${peak} players at the peak, ${lanes.length} copies, ${last.movesDone} moves between server processes`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fbfbf9"/>`,
    `<text x="${LEFT}" y="32" font-size="17" font-weight="600" fill="#1d2430">${escapeText(title)}</text>`,
    `<text x="${LEFT}" y="50" fill="#5b6472">each lane is a copy; its height is the number of players (top line: hard cap, ${hardCap}); pale while the copy is closing</text>`,
    ...parts,
    timeAxis(first.at, last.at, toX, height - 18),
    '</svg>',
    '',
  ].join('\n')
}

function population(sample: PopulationSample, map: MapName): number {
  return sample.copies.reduce((sum, copy) => (copy.map === map ? sum + copy.players : sum), 0)
}

function toLanes(samples: readonly PopulationSample[], map: MapName, toX: (at: Instant) => number): Lane[] {
  const lanes = new Map<CopyId, Lane>()
  for (const sample of samples) {
    for (const { map: place, copy, state, players } of sample.copies) {
      if (place !== map) continue
      const lane = lanes.get(copy) ?? { copy, points: [] }
      lane.points.push({ x: toX(sample.at), players, closing: state === 'closing' })
      lanes.set(copy, lane)
    }
  }
  return [...lanes.values()]
}

function drawLane(lane: Lane, index: number, top: number, hardCap: number): string {
  const bottom = top + LANE_HEIGHT
  const toY = (players: number): number => bottom - (Math.min(players, hardCap) / hardCap) * LANE_HEIGHT
  const color = copyColor(index)
  const [start, end] = [lane.points[0]?.x ?? LEFT, lane.points.at(-1)?.x ?? LEFT]
  const peak = Math.max(...lane.points.map((point) => point.players))
  return [
    `<line x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${top}" y2="${top}" stroke="#d9dce1" stroke-dasharray="3 4"/>`,
    `<line x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${bottom}" y2="${bottom}" stroke="#c3c8d0"/>`,
    ...runs(lane.points).map((run) => {
      const outline = run.points.map((point) => `${point.x.toFixed(1)},${toY(point.players).toFixed(1)}`).join(' ')
      const [from, to] = [run.points[0]?.x ?? start, run.points.at(-1)?.x ?? end]
      return `<polygon points="${from.toFixed(1)},${bottom} ${outline} ${to.toFixed(1)},${bottom}" fill="${color}" fill-opacity="${run.closing ? 0.3 : 0.85}"/>`
    }),
    `<line x1="${start.toFixed(1)}" x2="${start.toFixed(1)}" y1="${top - 4}" y2="${bottom}" stroke="${color}" stroke-width="2"/>`,
    `<line x1="${end.toFixed(1)}" x2="${end.toFixed(1)}" y1="${top - 4}" y2="${bottom}" stroke="${color}" stroke-width="2"/>`,
    `<text x="${LEFT + PLOT_WIDTH + 10}" y="${bottom - 24}" fill="#1d2430">${escapeText(lane.copy)}</text>`,
    `<text x="${LEFT + PLOT_WIDTH + 10}" y="${bottom - 7}" fill="#5b6472">at most ${peak}</text>`,
  ].join('\n')
}

/** Splits the points into runs of equal state. Each run starts at the point where the previous one ends. */
function runs(points: Lane['points']): { closing: boolean; points: Lane['points'] }[] {
  const result: { closing: boolean; points: Lane['points'] }[] = []
  for (const point of points) {
    const current = result.at(-1)
    if (current === undefined || current.closing !== point.closing) {
      current?.points.push(point)
      result.push({ closing: point.closing, points: [point] })
    } else current.points.push(point)
  }
  return result
}

function timeAxis(from: Instant, to: Instant, toX: (at: Instant) => number, y: number): string {
  const seconds = (to - from) / 1000
  const step = [5, 10, 15, 30, 60, 120, 300, 600, 1800].find((candidate) => seconds / candidate <= 10) ?? 3600
  const labels: string[] = []
  for (let second = 0; second <= seconds; second += step) {
    labels.push(`<text x="${toX(from + second * 1000).toFixed(1)}" y="${y}" text-anchor="middle" fill="#5b6472">${second} s</text>`)
  }
  return labels.join('\n')
}

function copyColor(index: number): string {
  return palette[index % palette.length] ?? palette[0]
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
