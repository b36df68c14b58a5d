import { createLogUpdate } from 'log-update'
import type { BotsProgress } from './bots.ts'
import type { RunStats } from './runStats.ts'
import { renderView } from './view.ts'
import type { LocalWorld } from './world.ts'

const REDRAW_MS = 500
/** Without a terminal: a line this often. */
const LINE_EVERY_MS = 5_000

/** Redraws the view in place on a terminal; prints a line now and then otherwise. */
export class Display implements Disposable {
  readonly #timer: NodeJS.Timeout
  readonly #done: () => void

  constructor(world: LocalWorld, stats: RunStats, bots: () => BotsProgress | undefined, output: NodeJS.WriteStream) {
    if (output.isTTY) {
      const update = createLogUpdate(output)
      this.#timer = setInterval(
        () => update(fitting(renderView(world.replica.census(), world.policies.policies(), stats, true), output.rows).join('\n')),
        REDRAW_MS,
      )
      this.#done = () => update.done()
    } else {
      this.#timer = setInterval(() => output.write(`${summary(world, stats, bots())}\n`), LINE_EVERY_MS)
      this.#done = () => undefined
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#done()
  }
}

/** Lines that do not fit would scroll away instead of being redrawn: the totals matter more than the last copies. */
function fitting(lines: string[], rows: number): string[] {
  if (lines.length < rows) return lines
  const kept = Math.max(1, rows - 4)
  return [...lines.slice(0, kept), `… and ${lines.length - kept - 2} more copies`, ...lines.slice(-2)]
}

function summary({ replica }: LocalWorld, stats: RunStats, bots: BotsProgress | undefined): string {
  const maps = [...replica.census().maps.values()]
    .sort((a, b) => (a.map < b.map ? -1 : 1))
    .map(({ map, copies }) => {
      const shown = [...copies.values()]
        .sort((a, b) => a.copy.created - b.copy.created)
        .map(({ copy, seats }) => `${seats.size}${copy.state === 'open' ? '' : ` ${copy.state}`}`)
      return `${map} [${shown.join(', ')}]`
    })
  const online = bots === undefined ? '' : `bots ${bots.online}/${bots.wanted} · `
  return `${online}${maps.join(' ')} · opened ${stats.copiesOpened} merged ${stats.copiesMerged} · moves ${stats.movesDone} done ${stats.movesFailed} failed`
}
