import { availableParallelism, totalmem } from 'node:os'
import type { BudgetName } from '../options.ts'
import type { FigureName } from './figures.ts'
import type { Point } from './frontier.ts'

const WIDTH = 720
const PANEL = 150
/** Closer points share a label, in pixels. */
const LABEL_WIDTH = 24
const MARGIN = { left: 60, right: 20, top: 50, between: 34 }

const panels: { name: FigureName; title: string; colour: string }[] = [
  { name: 'guild', title: 'guild-mates in one copy', colour: '#1f6feb' },
  { name: 'friends', title: 'friends in one copy', colour: '#1a7f37' },
  { name: 'language', title: 'own-language share, of the best possible', colour: '#d1242f' },
]
const spending: Record<BudgetName, string> = { moves: 'forced moves per player-hour', copies: 'copies over need' }

/** Draws what a budget buys as an SVG picture: each kind of company over what was spent, each point with its factor of the policy's budget. */
export function plotFrontier(budget: BudgetName, points: readonly Point[], day: string): string {
  const spent = points.map((point) => point.spent)
  const [from, to] = widened(Math.min(...spent), Math.max(...spent))
  const x = (value: number): number => MARGIN.left + ((value - from) / (to - from)) * (WIDTH - MARGIN.left - MARGIN.right)
  const drawn = panels.map(({ name, title, colour }, index) => {
    const top = MARGIN.top + index * (PANEL + MARGIN.between)
    const values = points.map(({ figures }) => figures[name])
    const [low, high] = widened(Math.min(...values), Math.max(...values))
    const y = (value: number): number => top + PANEL - ((value - low) / (high - low)) * PANEL
    const at = points.map(({ spent, figures }) => ({ x: x(spent).toFixed(1), y: y(figures[name]).toFixed(1) }))
    const grid = [low, (low + high) / 2, high].map(
      (value) =>
        `<path d="M${MARGIN.left} ${y(value).toFixed(1)}H${WIDTH - MARGIN.right}" stroke="#d0d7de"/><text x="${MARGIN.left - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${value.toFixed(3)}</text>`,
    )
    const line = `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${at.map((point) => `${point.x},${point.y}`).join(' ')}"/>`
    const dots = at.map((point) => `<circle cx="${point.x}" cy="${point.y}" r="3.5" fill="${colour}"/>`)
    const labels = at.map((point, n) => {
      const next = at[n + 1]
      // Points at one place share a label.
      if (next !== undefined && Math.abs(Number(next.x) - Number(point.x)) < LABEL_WIDTH) return ''
      const first = at.findIndex(({ x: other }) => Math.abs(Number(point.x) - Number(other)) < LABEL_WIDTH)
      const factors = points.slice(first, n + 1).map(({ factor }) => `x ${factor}`)
      return `<text x="${point.x}" y="${Number(point.y) - 7}" text-anchor="middle">${factors.join(', ')}</text>`
    })
    return `<g><text x="${MARGIN.left}" y="${top - 8}" font-weight="bold">${title}</text>${grid.join('')}${line}${dots.join('')}${labels.join('')}</g>`
  })
  const height = MARGIN.top + panels.length * (PANEL + MARGIN.between) + 10
  const ticks = [from, (from + to) / 2, to].map(
    (value) => `<text x="${x(value).toFixed(1)}" y="${height - 26}" text-anchor="middle">${value.toFixed(4)}</text>`,
  )
  const machine = `${availableParallelism()} CPUs, ${Math.round(totalmem() / 2 ** 30)} GiB, ${new Date().toISOString().slice(0, 10)}`
  const texts = `<text x="${MARGIN.left}" y="16">${escaped(`${day}; ${machine}`)}</text><text x="${WIDTH / 2}" y="${height - 8}" text-anchor="middle">${spending[budget]}</text>`
  const font = 'font-family="sans-serif" font-size="11"'
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" ${font}><rect width="100%" height="100%" fill="#fff"/>${texts}${ticks.join('')}${drawn.join('')}</svg>\n`
}

/** A range with a tenth more on both sides, so that no point lies on the border and equal values get a range. */
function widened(low: number, high: number): [number, number] {
  const more = Math.max((high - low) / 10, 1e-4)
  return [low - more, high + more]
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
