import { type Client, ClientState } from '@colyseus/core'
import type { Instant } from '../../../model/clock.ts'
import type { StrataError } from '../../../model/errors.ts'
import { SNAPSHOT } from '../../../model/wire/room.ts'
import { encodeSnapshot, type Snapshot } from '../../../model/wire/snapshot.ts'
import { FrameBudget } from './frameBudget.ts'
import { closeArguments } from './refusal.ts'

/** Unsent bytes above which a client gets no snapshots until it has caught up. The next snapshot contains all changes since then. */
const SKIP_ABOVE_BYTES = 64 * 1024
/** Unsent bytes above which a client is disconnected, so that it does not use up the server's memory (rule X1). */
const DISCONNECT_ABOVE_BYTES = 1024 * 1024

/** One client's WebSocket in a room. */
export class Connection {
  readonly client: Client
  readonly budget: FrameBudget
  /** Set when either side has closed the connection. Messages from it are ignored from then on. */
  closed = false

  constructor(client: Client, now: Instant) {
    this.client = client
    this.budget = new FrameBudget(now)
  }

  send(type: string, message: unknown): void {
    if (!this.closed) this.client.send(type, message)
  }

  /** Whether the client has disconnected. While a client is joining, `client.state` is the only sign of it. */
  get disconnected(): boolean {
    return this.closed || this.client.state === ClientState.LEAVING
  }

  /**
   * Whether a snapshot may be sent now. Not before the client has confirmed its join, because snapshots would pile up for a client that never does.
   * Disconnects the client when too many bytes are unsent.
   */
  acceptsSnapshot(): boolean {
    if (this.closed || this.client.state !== ClientState.JOINED) return false
    const { bufferedAmount } = this.#socket
    if (bufferedAmount > DISCONNECT_ABOVE_BYTES) this.#socket.terminate()
    return bufferedAmount <= SKIP_ABOVE_BYTES
  }

  sendSnapshot(snapshot: Snapshot): number {
    const bytes = encodeSnapshot(snapshot)
    this.client.sendBytes(SNAPSHOT, bytes)
    return bytes.byteLength
  }

  close(error: StrataError): void {
    if (this.closed) return
    this.closed = true
    this.client.leave(...closeArguments(error))
  }

  /** The socket of the ws package, which Colyseus declares as an EventEmitter. */
  get #socket(): { bufferedAmount: number; terminate(): void } {
    return this.client.ref as unknown as { bufferedAmount: number; terminate(): void }
  }
}
