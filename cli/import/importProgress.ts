import type { ImportResult } from '../../model/wire/studio.ts'
import { type Paint, painter } from '../../service/terminal/paint.ts'
import type { CliContext } from '../context.ts'

/** Width of the bar, in characters. */
const CELLS = 30
/** How often the bar is drawn on a terminal, and a line is printed elsewhere, in ms. */
const DRAW_MS = 200
const PRINT_MS = 5_000

/** Shows how far an import is: a bar on a terminal, a line every few seconds elsewhere. */
export class ImportProgress {
  /** Number of the first line without a result. */
  next: number
  readonly #context: CliContext
  readonly #bytes: number
  readonly #started: number
  readonly #paint: Paint
  #sent = 0
  #lines = 0
  #refused = 0
  #shown: number

  constructor(context: CliContext, { bytes, from }: { bytes: number; from: number }) {
    this.#context = context
    this.#bytes = bytes
    this.#paint = painter(context.color)
    this.#started = context.now()
    this.#shown = this.#started
    this.next = from
  }

  add({ line, ok }: ImportResult, length: number): void {
    this.next = line + 1
    this.#lines++
    this.#sent += length + 1
    if (!ok) this.#refused++
    const terminal = this.#context.out.isTTY === true
    if (this.#context.now() - this.#shown < (terminal ? DRAW_MS : PRINT_MS)) return
    this.#shown = this.#context.now()
    this.#context.out.write(terminal ? `\r\x1b[K${this.#bar()} ${this.#figures()}` : `${this.#figures()}\n`)
  }

  /** All lines before this one have a result, also empty lines at the end of a piece. */
  reached(next: number): void {
    this.next = next
  }

  waiting(problem: string): void {
    this.stop()
    this.#context.problems.write(`line ${this.next}: ${problem} Trying again.\n`)
  }

  done(): void {
    this.stop()
    this.#context.out.write(`${this.#figures()}\n`)
  }

  /** Leaves the line of the bar, so that another text can follow. */
  stop(): void {
    if (this.#context.out.isTTY === true) this.#context.out.write('\r\x1b[K')
  }

  #bar(): string {
    const share = Math.min(1, this.#sent / Math.max(1, this.#bytes))
    const filled = Math.round(share * CELLS)
    return `${this.#paint('green', '█'.repeat(filled))}${'·'.repeat(CELLS - filled)} ${Math.floor(share * 100)} %`
  }

  #figures(): string {
    const seconds = Math.max(0.001, (this.#context.now() - this.#started) / 1000)
    const rate = Math.round(this.#lines / seconds).toLocaleString('en')
    return `line ${(this.next - 1).toLocaleString('en')}: ${(this.#lines - this.#refused).toLocaleString('en')} applied, ${this.#refused.toLocaleString('en')} refused, ${rate} lines/s`
  }
}
