import { type Client, ClientState } from '@colyseus/core'
import type { Instant } from '../../../model/clock.ts'
import type { StrataError } from '../../../model/errors.ts'
import { SNAPSHOT } from '../../../model/wire/room.ts'
import { encodeSnapshot, type Snapshot } from '../../../model/wire/snapshot.ts'
import { FrameBudget } from './frameBudget.ts'
import { closeArguments } from './refusal.ts'

/** A client with this much unsent gets no snapshots until it has caught up: the next one says all that changed meanwhile. */
const SKIP_ABOVE_BYTES = 64 * 1024
/** A client with this much unsent is cut off, before it costs others memory (rule X1). */
const CUT_ABOVE_BYTES = 1024 * 1024

/** One client's WebSocket in a room. */
export class Connection {
  readonly client: Client
  readonly budget: FrameBudget
  /** Set once it was closed from here, or by itself: nothing from it counts any more. */
  closed = false

  constructor(client: Client, now: Instant) {
    this.client = client
    this.budget = new FrameBudget(now)
  }

  send(type: string, message: unknown): void {
    if (!this.closed) this.client.send(type, message)
  }

  /** Nobody is at the other end any more. Of whoever is being let in Colyseus tells it by this state alone. */
  get over(): boolean {
    return this.closed || this.client.state === ClientState.LEAVING
  }

  /** May it be sent a snapshot now? Not before the client said that it hears us: they would pile up for one that never does. Cuts it off when it is hopelessly behind. */
  get hearing(): boolean {
    if (this.closed || this.client.state !== ClientState.JOINED) return false
    const { bufferedAmount } = this.#socket
    if (bufferedAmount > CUT_ABOVE_BYTES) this.#socket.terminate()
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

  /** The transport is ws; Colyseus types it as a mere EventEmitter. */
  get #socket(): { bufferedAmount: number; terminate(): void } {
    return this.client.ref as unknown as { bufferedAmount: number; terminate(): void }
  }
}
