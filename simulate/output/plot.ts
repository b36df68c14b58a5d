import type { Sample } from '../sample.ts'

export interface Series {
  name: string
  samples: readonly Sample[]
}

const WIDTH = 960
const PANEL = 180
const MARGIN = { left: 70, top: 34, between: 40 }
const COLOURS = ['#1f6feb', '#d1242f']

const panels: { title: string; value: (sample: Sample, before: Sample | undefined) => number }[] = [
  { title: 'players on layered maps', value: ({ players }) => players },
  { title: 'copies open', value: ({ copies }) => copies },
  { title: 'characters moved per hour', value: ({ at, moves }, before) => (before === undefined ? 0 : ((moves - before.moves) / (at - before.at)) * 3600) },
]

/** Draws players, copies and moves over the day as an SVG picture, one line per run. */
export function plotDays(series: readonly Series[]): string {
  const end = Math.max(1, ...series.map(({ samples }) => samples.at(-1)?.at ?? 0))
  const height = MARGIN.top + panels.length * (PANEL + MARGIN.between)
  const parts = panels.map(({ title, value }, index) => {
    const top = MARGIN.top + index * (PANEL + MARGIN.between)
    const lines = series.map(({ samples }) => samples.map((sample, i) => ({ at: sample.at, y: value(sample, samples[i - 1]) })))
    const most = Math.max(1, ...lines.flatMap((line) => line.map(({ y }) => y)))
    const x = (at: number): string => (MARGIN.left + (at / end) * (WIDTH - MARGIN.left - 20)).toFixed(1)
    const y = (v: number): string => (top + PANEL - (v / most) * PANEL).toFixed(1)
    const grid = [0, 0.5, 1].map(
      (share) =>
        `<path d="M${x(0)} ${y(share * most)}H${x(end)}" stroke="#d0d7de"/><text x="${MARGIN.left - 6}" y="${y(share * most)}" text-anchor="end">${Math.round(share * most)}</text>`,
    )
    const hours = Array.from(
      { length: Math.floor(end / 14_400) + 1 },
      (_, i) => `<text x="${x(i * 14_400)}" y="${top + PANEL + 14}" text-anchor="middle">${i * 4} h</text>`,
    )
    const paths = lines.map(
      (line, i) =>
        `<polyline fill="none" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="1.5" points="${line.map((point) => `${x(point.at)},${y(point.y)}`).join(' ')}"/>`,
    )
    return `<g><text x="${MARGIN.left}" y="${top - 6}" font-weight="bold">${title}</text>${grid.join('')}${hours.join('')}${paths.join('')}</g>`
  })
  const legend = series.map(
    ({ name }, i) => `<text x="${WIDTH - 20}" y="${14 + 14 * i}" text-anchor="end" fill="${COLOURS[i % COLOURS.length]}">${escaped(name)}</text>`,
  )
  const font = 'font-family="sans-serif" font-size="11"'
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" ${font}><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}${legend.join('')}</svg>\n`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
