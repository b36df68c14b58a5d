import { createLogUpdate } from 'log-update'
import { fitRows } from '../service/terminal/fitRows.ts'
import type { BotsProgress } from './bots.ts'
import type { RunStats } from './runStats.ts'
import { renderView } from './view.ts'
import type { LocalWorld } from './world.ts'

/** Time between two redraws on a terminal, in ms. */
const REDRAW_MS = 500
/** Time between two lines without a terminal, in ms. */
const LINE_EVERY_MS = 5_000

interface DisplayOptions {
  world: LocalWorld
  stats: RunStats
  bots: () => BotsProgress | undefined
  output: NodeJS.WriteStream
}

/** Redraws the view in place on a terminal; otherwise prints one line every `LINE_EVERY_MS`. */
export class Display implements Disposable {
  readonly #timer: NodeJS.Timeout
  readonly #done: () => void
  /** Prints a line that stays, above the live view. */
  readonly note: (line: string) => void

  constructor({ world, stats, bots, output }: DisplayOptions) {
    if (output.isTTY) {
      const update = createLogUpdate(output)
      this.#timer = setInterval(
        () => update(fitRows(renderView(world.replica.census(), world.policies.policies(), stats, true), output.rows, 'copies').join('\n')),
        REDRAW_MS,
      )
      this.#done = () => update.done()
      this.note = (line) => update.persist(line)
    } else {
      this.#timer = setInterval(() => output.write(`${summary(world, stats, bots())}\n`), LINE_EVERY_MS)
      this.#done = () => undefined
      this.note = (line) => void output.write(`${line}\n`)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#done()
  }
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
  return `${online}${maps.join(' ')} · opened ${stats.copiesOpened} merged ${stats.copiesMerged} · instances ${stats.instancesOpened} · moves ${stats.movesDone} done ${stats.movesFailed} failed`
}
