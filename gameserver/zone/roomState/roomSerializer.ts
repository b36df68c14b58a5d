import { type Client, SchemaSerializer } from '@colyseus/core'
import { Encoder } from '@colyseus/schema'
import type { RoomStateSchema } from './schemas.ts'

/** Bytes that an encoder has for one frame before it allocates more. The full state of a room of 1,000 has about 40 kB. */
const FRAME_BYTES = 128 * 1024
/** Colyseus' Protocol.ROOM_STATE_PATCH, the first byte of a patch. */
const PATCH = 15

/** The owner of one character's own state. */
export interface Owner {
  client: Client
  /** Brings the character's own state up to date; changes nothing else. */
  refresh(): void
}

/**
 * Encodes the state of one room. Colyseus' own serializer encodes, for each client with a StateView, all changes of all clients again: 9 ms for 1,000 clients
 * whose own state changed, and it grows with the square (docs/decisions/0037). Here each owner's state is brought up to date and encoded alone, so
 * an encoder never has more than one owner's changes. Every frame is a copy, because the encoder uses its buffer again while a slow client's frame still waits.
 */
export class RoomSerializer extends SchemaSerializer<RoomStateSchema> {
  readonly #send: (client: Client, frame: Uint8Array) => void
  readonly #owners: () => Iterable<Owner>

  constructor(send: (client: Client, frame: Uint8Array) => void, owners: () => Iterable<Owner>) {
    Encoder.BUFFER_SIZE = FRAME_BYTES
    super()
    this.#send = send
    this.#owners = owners
  }

  override getFullState(client?: Client): Uint8Array {
    return super.getFullState(client).slice()
  }

  override applyPatches(clients: Client[]): boolean {
    const before = this.#sendShared(clients)
    let changed = before
    for (const owner of this.#owners()) {
      owner.refresh()
      // A game may have changed its part for everybody meanwhile.
      if (this.#sendShared(clients, owner)) changed = true
    }
    return changed
  }

  /** Sends what changed for everybody, and to the owner what is its own. */
  #sendShared(clients: Client[], owner?: Owner): boolean {
    const { encoder } = this
    const view = owner?.client.view
    if (!encoder.hasChanges && (view === undefined || view.changes.size === 0)) return false
    encoder.sharedBuffer[0] = PATCH
    const shared = encoder.encode({ offset: 1 })
    if (shared.byteLength > 1) {
      const frame = shared.slice()
      for (const client of clients) this.#send(client, frame)
      this.needFullEncode = true
    }
    if (owner !== undefined && view !== undefined) {
      encoder.sharedBuffer[0] = PATCH
      this.#send(owner.client, encoder.encodeView(view, 1, { offset: 1 }).slice())
    }
    encoder.discardChanges()
    return true
  }
}
