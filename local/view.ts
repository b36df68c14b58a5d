import type { Census } from '../model/census.ts'
import type { Policies } from '../model/policy/policy.ts'
import { painter, type Style } from '../service/terminal/paint.ts'
import { populationBar } from '../service/terminal/populationBar.ts'

/** Width of a copy's bar, in characters. */
const BAR_CELLS = 30

export interface ViewTotals {
  movesDone: number
  movesFailed: number
  copiesOpened: number
  instancesOpened: number
  copiesMerged: number
}

const stateColor: Record<string, Style> = { opening: 'cyan', open: 'green', closing: 'yellow', lost: 'red' }

/** The live view: one line per copy, grouped by map, then the totals. Plain text without `color`. */
export function renderView(census: Census, policies: Policies, totals: ViewTotals, color: boolean): string[] {
  const paint = painter(color)
  const lines = [paint('dim', `${'map'.padEnd(9)}${'copy'.padEnd(17)}${'state'.padEnd(9)}${'players'.padEnd(BAR_CELLS + 11)}${'server'.padEnd(22)}age`)]
  let players = 0
  let waiting = 0
  for (const { map, copies, waiting: inLine } of [...census.maps.values()].sort((a, b) => (a.map < b.map ? -1 : 1))) {
    waiting += inLine
    const policy = policies.get(map)
    for (const { copy, seats } of [...copies.values()].sort((a, b) => a.copy.created - b.copy.created || (a.copy.id < b.copy.id ? -1 : 1))) {
      const held = [...seats.values()].filter(({ state }) => state === 'held').length
      players += seats.size
      const state = paint(stateColor[copy.state] ?? 'dim', copy.state.padEnd(9))
      const bar =
        policy === undefined
          ? ''
          : populationBar({ players: seats.size - held, held, soft: policy.capacity.soft, hard: policy.capacity.hard }, BAR_CELLS, paint)
      const age = `${Math.max(0, Math.round((census.at - copy.created) / 1000))} s`
      lines.push(
        `${map.padEnd(9)}${shorten(copy.id, 16).padEnd(17)}${state}${bar} ${String(seats.size).padStart(4)}/${String(policy?.capacity.hard ?? '?').padEnd(4)} ${shorten(copy.server, 21).padEnd(22)}${age}`,
      )
    }
    if (inLine > 0) lines.push(paint('yellow', `${map.padEnd(9)}${inLine} in line`))
  }
  lines.push(
    paint('dim', '─'.repeat(9 + 17 + 9 + BAR_CELLS + 11 + 22 + 6)),
    `${players} players, ${waiting} in line · copies opened ${totals.copiesOpened}, merged ${totals.copiesMerged} · instances opened ${totals.instancesOpened} · moves done ${totals.movesDone}, failed ${totals.movesFailed}`,
  )
  return lines
}

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 7)}…${text.slice(-6)}`
}
