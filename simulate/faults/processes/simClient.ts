import { type Client, ClientState } from '@colyseus/core'
import type { WireEnd } from '../kernel/wire.ts'

const { JOINING, JOINED, LEAVING } = ClientState

/** Types of frames below the room's messages. */
export const frame = { welcome: '#welcome', heard: '#heard', refused: '#refused', leave: '#leave' } as const

/** A client's socket as a room sees it. What is sent before the client says that it hears waits, as in Colyseus. */
export class SimClient {
  readonly #end: WireEnd
  readonly ref = { bufferedAmount: 0, terminate: (): void => this.close(1006) }
  state: number = JOINING
  #waiting: (() => void)[] = []

  constructor(end: WireEnd) {
    this.#end = end
  }

  /** Colyseus' Client has much more, which rooms of ours do not use (zone/connection.ts). */
  get forRoom(): Client {
    return this as unknown as Client
  }
  get over(): boolean {
    return this.#end.over || this.state === LEAVING
  }

  send(type: string, message: unknown): void {
    const sent = structuredClone(message)
    this.#whenHeard(() => this.#end.send(type, sent))
  }
  sendBytes(type: string, bytes: Uint8Array): void {
    const sent = new Uint8Array(bytes)
    this.#whenHeard(() => this.#end.send(type, sent))
  }
  leave(code: number): void {
    this.close(code)
  }

  #whenHeard(send: () => void): void {
    if (this.state === JOINED) send()
    else if (this.state === JOINING) this.#waiting.push(send)
  }

  welcome(): void {
    this.#end.send(frame.welcome, undefined)
  }
  refuse(message: string): void {
    this.#end.send(frame.refused, message)
    this.close(4002)
  }
  /** The client has answered the welcome. */
  heard(): void {
    if (this.state !== JOINING) return
    this.state = JOINED
    for (const send of this.#waiting.splice(0)) send()
  }
  close(code: number): void {
    this.state = LEAVING
    this.#end.close(code)
  }
  ended(): void {
    this.state = LEAVING
  }
}
