import { closeSync, openSync, writeSync } from 'node:fs'

export interface LogRow {
  seconds: number
  event: 'open' | 'close' | 'enter' | 'move' | 'leave' | 'wait'
  /** Empty when a copy opens or closes. */
  character: string
  map: string | number
  /** Empty for a character in the line. */
  copy: string
  cause: string
}

/** Characters buffered before a write; about a megabyte. */
const BUFFER = 1 << 20

/**
 * Writes every event of a run as `seconds,event,character,map,copy,cause`, so that others can compute their own scores. Rows are buffered and written during
 * the run.
 */
export class EventLog implements Disposable {
  readonly #file: number
  #buffer = 'seconds,event,character,map,copy,cause\n'

  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  write({ seconds, event, character, map, copy, cause }: LogRow): void {
    this.#buffer += `${seconds.toFixed(3)},${event},${character},${map},${copy},${cause}\n`
    if (this.#buffer.length > BUFFER) this.#flush()
  }

  #flush(): void {
    writeSync(this.#file, this.#buffer)
    this.#buffer = ''
  }

  [Symbol.dispose](): void {
    this.#flush()
    closeSync(this.#file)
  }
}
