import { StringDecoder } from 'node:string_decoder'
import type { Instant } from '../../model/clock.ts'
import { readRecordingLine, type Span } from '../../model/recording/recordingFile.ts'

/** Counts what passes: rows, people, recorded spans. Rows arrive in the order of their ends. */
export class RecordingSummary {
  readonly spans: Span[] = []
  rows = 0
  /** End of the newest row. */
  reached: Instant = 0
  readonly #people = new Set<string>()
  readonly #decoder = new StringDecoder()
  #rest = ''

  get people(): number {
    return this.#people.size
  }

  add(piece: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.write(Buffer.from(piece))).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#line(line)
  }

  #line(line: string): void {
    const row = readRecordingLine(line)
    // The first line names the columns.
    if (typeof row === 'string') return
    if ('span' in row) return void this.spans.push(row.span)
    this.rows++
    this.#people.add(row.stay.avatar)
    this.reached = Math.max(this.reached, row.stay.until)
  }
}
