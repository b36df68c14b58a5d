import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { Kernel } from './kernel.ts'
import type { Process } from './process.ts'

/** Told by a connection that ended without a goodbye. */
export const BROKEN_CODE = 1006

interface Latency {
  latency(from: string, to: string): DurationMs
}

export interface WireListeners {
  message(type: string, data: unknown): void
  /** Once: by the other side, by a broken line, or as the answer to one's own closing. */
  closed(code: number): void
}

/** One end of a connection. Order is kept; what is sent may be held up, and is lost when the connection breaks. */
export class WireEnd {
  readonly owner: Process
  readonly #send: (type: string, data: unknown) => void
  readonly #close: (code: number) => void
  listeners: WireListeners | undefined
  /** What came before anybody listened. */
  #early: (() => void)[] = []
  over = false

  constructor(owner: Process, send: (type: string, data: unknown) => void, close: (code: number) => void) {
    this.owner = owner
    this.#send = send
    this.#close = close
  }

  send(type: string, data: unknown): void {
    if (!this.over) this.#send(type, data)
  }
  /** Nothing is heard any more from here on but the end itself. */
  close(code: number): void {
    if (!this.over) this.#close(code)
  }
  listen(listeners: WireListeners): void {
    this.listeners = listeners
    for (const event of this.#early.splice(0)) event()
  }

  hear(type: string, data: unknown): void {
    if (this.over) return
    if (this.listeners === undefined) this.#early.push(() => this.hear(type, data))
    else this.listeners.message(type, data)
  }
  end(code: number): void {
    if (this.over) return
    if (this.listeners === undefined) {
      this.#early.push(() => this.end(code))
      return
    }
    this.over = true
    this.listeners.closed(code)
  }
}

/** A WebSocket between two processes. */
export class Wire {
  readonly #kernel: Kernel
  readonly #latency: Latency
  readonly ends: [WireEnd, WireEnd]
  readonly name: string
  readonly #forget: () => void
  readonly #arrival: [Instant, Instant] = [0, 0]
  #heldUntil: Instant = 0
  #broken = false
  #closing = false

  constructor(kernel: Kernel, latency: Latency, near: Process, far: Process, forget: () => void) {
    this.#kernel = kernel
    this.#latency = latency
    this.#forget = forget
    this.name = `${near.name} ${far.name}`
    const end = (index: 0 | 1, owner: Process): WireEnd =>
      new WireEnd(
        owner,
        (type, data) => this.#carry(index, (other) => other.hear(type, data)),
        (code) => this.#close(index, code),
      )
    this.ends = [end(0, near), end(1, far)]
  }

  between(a: string, b: string): boolean {
    const [near, far] = this.ends
    return (near.owner.name === a && far.owner.name === b) || (near.owner.name === b && far.owner.name === a)
  }

  /** The line breaks; `chance` decides whether the connection lives to see it whole again. */
  split(until: Instant, chance: number): void {
    this.#heldUntil = until
    if (chance < 0.5) this.#break([700, 1_900])
  }

  died(process: Process): void {
    if (this.ends.some(({ owner }) => owner === process)) this.#break([5, 5])
  }

  #break(noticed: [DurationMs, DurationMs]): void {
    if (this.#broken) return
    this.#broken = true
    this.#forget()
    for (const [index, end] of this.ends.entries()) this.#kernel.after(end.owner, noticed[index] ?? 0, () => end.end(BROKEN_CODE))
  }

  #carry(from: 0 | 1, arrive: (other: WireEnd) => void): void {
    if (this.#broken) return
    const [here, there] = from === 0 ? this.ends : ([this.ends[1], this.ends[0]] as const)
    const at = Math.max(this.#arrival[from], this.#heldUntil, this.#kernel.now() + this.#latency.latency(here.owner.name, there.owner.name))
    this.#arrival[from] = at
    this.#kernel.at(there.owner, at, () => {
      if (!this.#broken) arrive(there)
    })
  }

  #close(from: 0 | 1, code: number): void {
    if (this.#closing) return
    this.#closing = true
    this.#carry(from, (other) => {
      other.end(code)
      this.#forget()
      // The other side's goodbye.
      this.#carry(from === 0 ? 1 : 0, (self) => self.end(code))
    })
  }
}
