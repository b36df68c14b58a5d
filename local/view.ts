import { styleText } from 'node:util'
import type { Census, CopyCensus } from '../model/census.ts'
import type { Policies } from '../model/policy/policy.ts'

const BAR_CELLS = 30

export interface ViewTotals {
  movesDone: number
  movesFailed: number
  copiesOpened: number
  copiesMerged: number
}

type Color = 'green' | 'yellow' | 'cyan' | 'red' | 'dim'
const stateColor: Record<string, Color> = { opening: 'cyan', open: 'green', closing: 'yellow', lost: 'red' }

/** The live view: one line per copy, grouped by map, then the totals. Plain text without `color`. */
export function renderView(census: Census, policies: Policies, totals: ViewTotals, color: boolean): string[] {
  const paint = (style: Color, text: string): string => (color ? styleText(style, text, { validateStream: false }) : text)
  const lines = [paint('dim', `${'map'.padEnd(9)}${'copy'.padEnd(17)}${'state'.padEnd(9)}${'players'.padEnd(BAR_CELLS + 11)}${'server'.padEnd(22)}age`)]
  let players = 0
  let waiting = 0
  for (const { map, copies, waiting: inLine } of [...census.maps.values()].sort((a, b) => (a.map < b.map ? -1 : 1))) {
    waiting += inLine
    const policy = policies.get(map)
    for (const live of [...copies.values()].sort((a, b) => a.copy.created - b.copy.created || (a.copy.id < b.copy.id ? -1 : 1))) {
      const { copy, seats } = live
      players += seats.size
      const state = paint(stateColor[copy.state] ?? 'dim', copy.state.padEnd(9))
      const bar = policy === undefined ? '' : populationBar(live, policy.capacity.soft, policy.capacity.hard, paint)
      const age = `${Math.max(0, Math.round((census.at - copy.created) / 1000))} s`
      lines.push(
        `${map.padEnd(9)}${shorten(copy.id, 16).padEnd(17)}${state}${bar} ${String(seats.size).padStart(4)}/${String(policy?.capacity.hard ?? '?').padEnd(4)} ${shorten(copy.server, 21).padEnd(22)}${age}`,
      )
    }
    if (inLine > 0) lines.push(paint('yellow', `${map.padEnd(9)}${inLine} in line`))
  }
  lines.push(
    paint('dim', '─'.repeat(9 + 17 + 9 + BAR_CELLS + 11 + 22 + 6)),
    `${players} players, ${waiting} in line · copies opened ${totals.copiesOpened}, merged ${totals.copiesMerged} · moves done ${totals.movesDone}, failed ${totals.movesFailed}`,
  )
  return lines
}

/** `█████▒▒···|··`: taken seats, held seats, free seats; the mark is the soft cap. */
function populationBar({ seats }: CopyCensus, soft: number, hard: number, paint: (style: Color, text: string) => string): string {
  let held = 0
  for (const seat of seats.values()) if (seat.state === 'held') held++
  const cells = (people: number): number => Math.min(BAR_CELLS, Math.round((people / hard) * BAR_CELLS))
  const [taken, filled, mark] = [cells(seats.size - held), cells(seats.size), cells(soft)]
  const text = Array.from({ length: BAR_CELLS }, (_, cell) => (cell < taken ? '█' : cell < filled ? '▒' : cell === mark ? '|' : '·')).join('')
  return paint(seats.size > hard ? 'red' : seats.size > soft ? 'yellow' : 'green', text)
}

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 7)}…${text.slice(-6)}`
}
