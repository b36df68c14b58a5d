import { control } from '../../model/wire/room.ts'
import { InputLog } from './inputLog.ts'
import { InputPacer } from './inputPacer.ts'
import type { RoomLink } from './roomLink.ts'

/** Most messages that are kept between two servers; beyond that the oldest is dropped. Players send far fewer in that time. */
const CAPACITY = 64

/** Inputs and messages of the game, for the server where the character is live. While no server would handle them, they are kept for the next one. */
export class Outbox {
  readonly #inputs = new InputLog()
  readonly #pacer: InputPacer
  readonly #sent: (seq: number, data: unknown) => void
  #messages: { type: string; data: unknown }[] = []
  #link: RoomLink | undefined
  #withheld = false

  /** `sent` is called with each input when it is numbered. */
  constructor(stepMs: () => number, sent: (seq: number, data: unknown) => void) {
    this.#sent = sent
    this.#pacer = new InputPacer({ stepMs, nowMs: () => performance.now(), send: (data) => this.#sendInput(data) })
  }

  /** Link to the server where the character is live; absent while reconnecting. */
  get link(): RoomLink | undefined {
    return this.#link
  }
  get inputs(): { pending: number; dropped: number } {
    return { pending: this.#inputs.pending, dropped: this.#inputs.dropped }
  }

  /** Returns false while reconnecting: the input is dropped. */
  input(data: unknown, must: boolean): boolean {
    if (this.#link === undefined) return false
    this.#pacer.add(data, must)
    return true
  }

  send(type: string, data: unknown): void {
    if (this.#link !== undefined && !this.#withheld) return this.#link.send(type, data)
    this.#messages.push({ type, data })
    if (this.#messages.length > CAPACITY) this.#messages.shift()
  }

  confirm(lastInput: number): void {
    this.#inputs.confirm(lastInput)
  }

  /** From now on no server applies inputs. */
  withhold(lastInput: number): void {
    this.confirm(lastInput)
    this.#withheld = true
  }

  /** This server applies inputs from now on, and gets everything that no server has handled yet. Returns the number of inputs among it. */
  playOn(link: RoomLink, lastInput: number): number {
    this.#link = link
    this.#withheld = false
    const replay = this.#inputs.replay(lastInput)
    for (const input of replay) link.send(control.input, input)
    for (const { type, data } of this.#messages.splice(0)) link.send(type, data)
    return replay.length
  }

  /** Discards the inputs that no server has confirmed: a server may have applied them or not, so they are not sent again. */
  disconnect(): void {
    this.close()
    this.#inputs.forget()
  }

  close(): void {
    this.#link = undefined
    this.#withheld = false
    this.#pacer.clear()
  }

  #sendInput(data: unknown): void {
    const input = this.#inputs.add(data)
    this.#sent(input.seq, data)
    if (!this.#withheld) this.#link?.send(control.input, input)
  }
}
