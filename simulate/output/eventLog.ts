import { closeSync, openSync, writeSync } from 'node:fs'

export type LoggedEvent = 'open' | 'close' | 'enter' | 'move' | 'leave' | 'wait'

const BUFFER = 1 << 20

/** Every event of a run as `seconds,event,character,map,copy,cause`, so that anyone can score the run anew. Written as it goes. */
export class EventLog implements Disposable {
  readonly #file: number
  #buffer = 'seconds,event,character,map,copy,cause\n'

  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  write(seconds: number, event: LoggedEvent, character: string, map: string | number, copy: string, cause: string): void {
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
