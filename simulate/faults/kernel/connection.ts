import type { DurationMs, Instant } from '../../../model/clock.ts'
import type { Kernel } from './kernel.ts'
import type { Process } from './process.ts'

/** WebSocket close code of a connection that ended without a close frame. */
export const BROKEN_CODE = 1006

interface Latency {
  latency(from: string, to: string): DurationMs
}

export interface ConnectionListeners {
  message(type: string, data: unknown): void
  /** Called once: when the other end closes, when the connection breaks, or when this end's own close is confirmed. */
  closed(code: number): void
}

/** One end of a connection. Messages arrive in order, may be delayed, and are lost when the connection breaks. */
export class ConnectionEnd {
  readonly owner: Process
  readonly #send: (type: string, data: unknown) => void
  readonly #close: (code: number) => void
  listeners: ConnectionListeners | undefined
  /** Events that arrived before `listen`. */
  #undelivered: (() => void)[] = []
  closed = false

  constructor(owner: Process, send: (type: string, data: unknown) => void, close: (code: number) => void) {
    this.owner = owner
    this.#send = send
    this.#close = close
  }

  send(type: string, data: unknown): void {
    if (!this.closed) this.#send(type, data)
  }
  /** Starts to close; the listener gets `closed` when the other end confirms. */
  close(code: number): void {
    if (!this.closed) this.#close(code)
  }
  listen(listeners: ConnectionListeners): void {
    this.listeners = listeners
    for (const event of this.#undelivered.splice(0)) event()
  }

  receive(type: string, data: unknown): void {
    if (this.closed) return
    if (this.listeners === undefined) this.#undelivered.push(() => this.receive(type, data))
    else this.listeners.message(type, data)
  }
  end(code: number): void {
    if (this.closed) return
    if (this.listeners === undefined) {
      this.#undelivered.push(() => this.end(code))
      return
    }
    this.closed = true
    this.listeners.closed(code)
  }
}

interface ConnectionParts {
  kernel: Kernel
  latency: Latency
  ends: [near: Process, far: Process]
  /** Called when the connection has closed or broken. */
  onEnd: () => void
}

/** A simulated WebSocket between two processes. */
export class Connection {
  readonly #kernel: Kernel
  readonly #latency: Latency
  readonly ends: [ConnectionEnd, ConnectionEnd]
  readonly name: string
  readonly #onEnd: () => void
  readonly #arrival: [Instant, Instant] = [0, 0]
  #heldUntil: Instant = 0
  #broken = false
  #closing = false

  constructor({ kernel, latency, ends: [near, far], onEnd }: ConnectionParts) {
    this.#kernel = kernel
    this.#latency = latency
    this.#onEnd = onEnd
    this.name = `${near.name} ${far.name}`
    const end = (index: 0 | 1, owner: Process): ConnectionEnd =>
      new ConnectionEnd(
        owner,
        (type, data) => this.#carry(index, (other) => other.receive(type, data)),
        (code) => this.#close(index, code),
      )
    this.ends = [end(0, near), end(1, far)]
  }

  between(a: string, b: string): boolean {
    const [near, far] = this.ends
    return (near.owner.name === a && far.owner.name === b) || (near.owner.name === b && far.owner.name === a)
  }

  /** Splits the two ends until `until`. Below 0.5, `chance` breaks the connection; otherwise it survives and delivers late. */
  split(until: Instant, chance: number): void {
    this.#heldUntil = until
    if (chance < 0.5) this.#break([700, 1_900])
  }

  died(process: Process): void {
    if (this.ends.some(({ owner }) => owner === process)) this.#break([5, 5])
  }

  /** `noticedMs`: after how long each end notices. */
  #break(noticedMs: [DurationMs, DurationMs]): void {
    if (this.#broken) return
    this.#broken = true
    this.#onEnd()
    for (const [index, end] of this.ends.entries()) this.#kernel.after(end.owner, noticedMs[index] ?? 0, () => end.end(BROKEN_CODE))
  }

  /** Sends something to the other end, behind what was sent before. */
  #carry(from: 0 | 1, arrive: (other: ConnectionEnd) => void): void {
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
      this.#onEnd()
      // The other end confirms the close.
      this.#carry(from === 0 ? 1 : 0, (self) => self.end(code))
    })
  }
}
