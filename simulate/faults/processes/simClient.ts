import { type Client, ClientState } from '@colyseus/core'
import { FRONT, type PlayerSocket } from '../../../gameserver/zone/connection/playerSocket.ts'
import type { ByteWriter } from '../../../model/wire/entities/bytes.ts'
import { SNAPSHOT } from '../../../model/wire/room.ts'
import type { ConnectionEnd } from '../kernel/connection.ts'

const { JOINING, JOINED, LEAVING } = ClientState

/** Types of the protocol frames below the room's messages. */
export const frame = { welcome: '#welcome', joined: '#joined', refused: '#refused', leave: '#leave' } as const

/** A client's socket as the room sees it. As in Colyseus, messages wait until the client has confirmed the join. */
export class SimClient {
  readonly #end: ConnectionEnd
  readonly ref: Pick<PlayerSocket, 'guard'> & Record<string, unknown> = {
    guard: undefined,
    bufferedAmount: 0,
    readyState: 1,
    terminate: (): void => this.close(1006),
    pause: (): void => {},
    removeAllListeners: (): void => {},
    on: (): void => {},
    sendWritten: (_head: Uint8Array, written: ByteWriter): void => this.#sendSnapshot(written.take().subarray(FRONT)),
  }
  state: number = JOINING
  #undelivered: (() => void)[] = []

  constructor(end: ConnectionEnd) {
    this.#end = end
  }

  /** Strata's rooms use only these members of Colyseus' Client. */
  get forRoom(): Client {
    return this as unknown as Client
  }
  get closed(): boolean {
    return this.#end.closed || this.state === LEAVING
  }

  send(type: string, message: unknown): void {
    const sent = structuredClone(message)
    this.#whenJoined(() => this.#end.send(type, sent))
  }
  /** The simulated player does not wait for a body that stays. */
  raw(): void {}
  #sendSnapshot(sent: Uint8Array): void {
    this.#whenJoined(() => this.#end.send(SNAPSHOT, sent))
  }
  leave(code: number): void {
    this.close(code)
  }

  #whenJoined(send: () => void): void {
    if (this.state === JOINED) send()
    else if (this.state === JOINING) this.#undelivered.push(send)
  }

  welcome(): void {
    this.#end.send(frame.welcome, undefined)
  }
  refuse(message: string): void {
    this.#end.send(frame.refused, message)
    this.close(4002)
  }
  /** The client confirmed the join. */
  joined(): void {
    if (this.state !== JOINING) return
    this.state = JOINED
    for (const send of this.#undelivered.splice(0)) send()
  }
  close(code: number): void {
    this.state = LEAVING
    this.#end.close(code)
  }
  ended(): void {
    this.state = LEAVING
  }
}
