import { type Client, ClientState, getMessageBytes, Protocol } from '@colyseus/core'
import { Unpackr } from 'msgpackr'
import type { Instant } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import type { Evidence, ViolationKind } from '../../model/fairness.ts'
import type { CharacterId } from '../../model/ids.ts'
import { control } from '../../model/wire/room.ts'
import { CONFIRM_WITHIN_MS, Connection } from './connection/connection.ts'
import type { ZoneCore } from './core.ts'
import type { FairPlay } from './fairPlay.ts'
import type { Inbox } from './inbox.ts'
import type { Standbys } from './moves/standbys.ts'
import type { Resident } from './residents/resident.ts'
import type { Disconnection, Residents } from './residents/residents.ts'

interface Parts<State, Input> {
  residents: Residents<State, Input>
  standbys: Standbys<State, Input>
  inbox: Inbox<State, Input>
  fair: FairPlay<State, Input>
}

/** The frame is in a buffer that is used again, so bytes in a message are copied. */
const unpackr = new Unpackr({ useRecords: false, copyBuffers: true })

/** What the frame of an input begins with: the type of a message with MessagePack, and the message's type. */
const INPUT_HEAD = Uint8Array.from(getMessageBytes.raw(Protocol.ROOM_DATA, control.input))

/** The clients of one room: which frames of them are read, whose character gets a message, and what happens when one disconnects or breaks the rules. */
export class Clients<State, Input> {
  readonly #core: ZoneCore<State, Input>
  readonly #parts: Parts<State, Input>
  readonly #connections = new Map<Client, Connection>()
  /** Caches #residentOf. */
  readonly #residentByConnection = new Map<Connection, Resident<State, Input>>()

  constructor(core: ZoneCore<State, Input>, parts: Parts<State, Input>) {
    this.#core = core
    this.#parts = parts
  }

  /** The connection of a client that joins. It is not one of the clients until `add`. */
  connect(client: Client, protocol: number): Connection {
    const { tickRate, services } = this.#core
    const connection: Connection = new Connection(client, { tickRate, protocol, now: services.clock.now(), onOverflow: () => this.#overflowed(connection) })
    return connection
  }

  get connections(): Iterable<Connection> {
    return this.#connections.values()
  }
  get(client: Client): Connection | undefined {
    return this.#connections.get(client)
  }

  add(connection: Connection, character: CharacterId): void {
    const { client } = connection
    connection.character = character
    this.#connections.set(client, connection)
    // A Map would be searched for each input.
    let resident: Resident<State, Input> | undefined
    connection.guard({
      takes: (frame, length) => {
        if (resident?.connection !== connection) resident = this.#residentOf(connection)
        return this.#takesInput(connection, resident, frame, length)
      },
      admits: () => this.#admitsFrame(connection),
      malformed: (error) => this.#refuse(connection, error, 'frame'),
      oversize: () => this.#report(connection, 'oversize', {}),
    })
  }

  /** Removes a client. Returns undefined when it was none of the clients. */
  remove(client: Client): Connection | undefined {
    const connection = this.#connections.get(client)
    this.#connections.delete(client)
    return connection
  }

  /** Handles one message. A message that breaks the rules disconnects its sender. */
  receive(client: Client, type: string, message: unknown): void {
    const connection = this.#connections.get(client)
    // A client that has not confirmed its join may not act: answers to it would pile up.
    if (connection === undefined || client.state === ClientState.JOINING) return
    this.#handle(connection, type, message)
  }

  /** Inputs are most of what clients send, so they are decoded here: Colyseus' counters and events cost more than the rest. All other frames are left to Colyseus. */
  #takesInput(connection: Connection, resident: Resident<State, Input> | undefined, frame: Buffer, length: number): boolean {
    if (length <= INPUT_HEAD.byteLength || connection.client.state !== ClientState.JOINED) return false
    for (let n = 0; n < INPUT_HEAD.byteLength; n++) if (frame[n] !== INPUT_HEAD[n]) return false
    if (connection.closed) return true
    const now = this.#core.services.clock.now()
    if (!connection.budget.takeInput(now)) {
      this.#refuse(connection, new StrataError('TOO_MANY_REQUESTS', { seconds: 1 }), control.input)
      return true
    }
    const message: unknown = unpackr.unpack(frame, { start: INPUT_HEAD.byteLength, end: length })
    try {
      this.#parts.inbox.input(connection, resident, message, now)
    } catch (error) {
      this.#failed(connection, error, control.input)
    }
    return true
  }

  #handle(connection: Connection, type: string, message: unknown): void {
    try {
      this.#parts.inbox.receive(connection, this.#residentOf(connection), type, message)
    } catch (error) {
      this.#failed(connection, error, type)
    }
  }

  #failed(connection: Connection, error: unknown, type: string): void {
    const { services, log } = this.#core
    if (error instanceof StrataError) return this.#refuse(connection, error, type)
    services.metrics.errors.inc({ hook: 'onMessage' })
    log.error({ err: error, type }, 'a message handler failed')
  }

  /** Disconnects the clients that have not confirmed their joins in time. */
  refuseUnconfirmed(now: Instant): void {
    for (const connection of this.#connections.values()) {
      if (connection.unconfirmed(now)) this.#refuse(connection, new StrataError('JOIN_UNCONFIRMED', { seconds: CONFIRM_WITHIN_MS / 1000 }), 'join')
    }
  }

  /** Disconnects a client by the server's decision. */
  dismiss(connection: Connection, reason: StrataError): void {
    connection.close(reason)
    void this.disconnected(connection, 'dismissed')
  }

  async disconnected(connection: Connection, how: Disconnection): Promise<void> {
    const { residents, standbys } = this.#parts
    connection.closed = true
    this.#core.services.chat?.detach(connection)
    const resident = this.#residentOf(connection)
    this.#residentByConnection.delete(connection)
    if (standbys.remove(connection) || resident === undefined) return
    residents.onGone(resident.character)
    await residents.disconnected(resident, how)
  }

  #admitsFrame(connection: Connection): boolean {
    if (connection.closed) return false
    if (connection.budget.takeFrame(this.#core.services.clock.now())) return true
    this.#refuse(connection, new StrataError('TOO_MANY_REQUESTS', { seconds: 1 }), 'frame')
    return false
  }

  #residentOf(connection: Connection): Resident<State, Input> | undefined {
    const known = this.#residentByConnection.get(connection)
    if (known?.connection === connection) return known
    for (const resident of this.#parts.residents) {
      if (resident.connection !== connection) continue
      this.#residentByConnection.set(connection, resident)
      return resident
    }
    return undefined
  }

  /** Disconnects a client that broke the rules. Its character is handled at once, because such a client may never complete the closing handshake. */
  #refuse(connection: Connection, error: unknown, type: string): void {
    if (connection.closed) return
    const { services, log } = this.#core
    const known =
      error instanceof StrataError ? error : new StrataError('MESSAGE_INVALID', { type, problem: error instanceof Error ? error.message : 'unreadable frame' })
    services.metrics.refusals.inc({ code: known.code })
    log.info({ type, code: known.code, problem: known.message }, 'client disconnected because of an invalid message')
    if (known.code === 'TOO_MANY_REQUESTS') this.#report(connection, 'flood', { type })
    if (known.code === 'MESSAGE_INVALID') this.#report(connection, 'malformed', { type, problem: known.message })
    connection.cutOff(known)
    void this.disconnected(connection, 'dropped')
  }

  #report(connection: Connection, kind: ViolationKind, evidence: Evidence): void {
    const resident = this.#residentOf(connection)
    if (resident !== undefined) this.#parts.fair.report(resident.body, kind, evidence)
  }

  /** Too many bytes waited for the client, and its socket was destroyed. */
  #overflowed(connection: Connection): void {
    const { code } = new StrataError('CLIENT_TOO_SLOW')
    this.#core.services.metrics.refusals.inc({ code })
    this.#core.log.info({ code }, 'client disconnected because it does not read')
    // Not at once: the caller may be iterating over the residents.
    queueMicrotask(() => void this.disconnected(connection, 'dropped'))
  }
}
