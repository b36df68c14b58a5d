import type { ChatChannel } from '../../model/chat/chat.ts'
import { ChatOrder } from '../../model/chat/chatOrder.ts'
import { defined } from '../../model/defined.ts'
import type { ErrorCode } from '../../model/errors.ts'
import type { ChannelMessage, ChatEvent, SaidMessage, SayMessage, SpokenKind } from '../../model/wire/chat.ts'
import { control } from '../../model/wire/room.ts'
import type { RoomLink } from './roomLink.ts'

/** Longest time to wait for the answer to a request, in ms. It covers a move and most reconnects. */
const ANSWER_TIMEOUT_MS = 15_000
/** Most requests without an answer. A server allows fewer. */
const PENDING_MAX = 32
/** Messages that are kept from the destination of a move until it is live. */
const EARLY_MAX = 256
/** Streams of other players that are remembered, so that no message is shown twice. */
const STREAMS_KEPT = 2_000

/** Result of `say`, `joinChannel` and `leaveChannel`. */
export type ChatResult = { delivered: true } | { delivered: false; code: ErrorCode | 'UNREACHABLE' | 'CLOSED'; message: string }

type Request = { type: typeof control.say; message: SayMessage } | { type: typeof control.channel; message: ChannelMessage }

/**
 * The chat of one world, over all its servers. What a server did not answer is sent again to the next server with the same id; receivers drop the second
 * copy (rule T1).
 */
export class ChatLine {
  readonly #stream = Math.random().toString(36).slice(2, 12).padEnd(4, '0')
  #number = 0
  readonly #pending = new Map<string, { request: Request; done: (result: ChatResult) => void }>()
  readonly #joined = new Set<string>()
  readonly #shown = new ChatOrder(STREAMS_KEPT)
  readonly #show: (event: ChatEvent) => void
  #early: ChatEvent[] = []
  /** Undefined while no server handles requests: during a reconnect, and in a move after the release. */
  #link: RoomLink | undefined

  constructor(show: (event: ChatEvent) => void) {
    this.#show = show
  }

  say(channel: SpokenKind, text: string, to: string | undefined): Promise<ChatResult> {
    return this.#request({ type: control.say, message: defined({ id: this.#nextId(), channel, to, text }) })
  }

  async change(name: string, action: ChannelMessage['action']): Promise<ChatResult> {
    if (action === 'leave') this.#joined.delete(name)
    const result = await this.#request({ type: control.channel, message: { id: this.#nextId(), name, action } })
    if (action === 'join' && result.delivered) this.#joined.add(name)
    return result
  }

  /** A server is live: joins the custom channels there, shows what it sent while it was on standby, and sends again what has no answer. */
  live(link: RoomLink): void {
    const moved = link !== this.#link
    this.#link = link
    if (moved) this.rejoin(link)
    const early = this.#early
    this.#early = []
    for (const event of early) this.received(event)
    for (const { request } of this.#pending.values()) link.send(request.type, request.message)
  }

  /** Joins the custom channels at a server, also at one where the character is on standby: then no message is missed in a move. */
  rejoin(link: RoomLink): void {
    for (const name of this.#joined) link.send(control.channel, { id: this.#nextId(), name, action: 'join' } satisfies ChannelMessage)
  }

  /** No server handles requests until the next `live`. */
  pause(): void {
    this.#link = undefined
  }

  received(event: ChatEvent): void {
    const channel = (event.to === undefined ? `${event.channel}:` : `${event.channel}:${event.to}`) as ChatChannel // the server's kinds
    if (this.#shown.isNew(channel, event)) this.#show(event)
  }

  /** A message from the destination of a move. The source sends it too, and counts until the destination is live. */
  receivedEarly(event: ChatEvent): void {
    this.#early.push(event)
    if (this.#early.length > EARLY_MAX) this.#early.shift()
  }

  /** The destination of a move is given up. */
  forgetEarly(): void {
    this.#early = []
  }

  answered({ id, code, message = '' }: SaidMessage): void {
    this.#settle(id, code === undefined ? { delivered: true } : { delivered: false, code, message })
  }

  close(): void {
    this.#link = undefined
    for (const id of [...this.#pending.keys()]) this.#settle(id, { delivered: false, code: 'CLOSED', message: 'the world was left' })
  }

  #request(request: Request): Promise<ChatResult> {
    if (this.#pending.size >= PENDING_MAX) {
      return Promise.resolve({ delivered: false, code: 'TOO_MANY_REQUESTS', message: 'too many messages have no answer yet; wait for them' })
    }
    const { promise, resolve } = Promise.withResolvers<ChatResult>()
    const { id } = request.message
    const timer = setTimeout(() => this.#settle(id, { delivered: false, code: 'UNREACHABLE', message: 'no server answered in time' }), ANSWER_TIMEOUT_MS)
    const done = (result: ChatResult): void => {
      clearTimeout(timer)
      resolve(result)
    }
    this.#pending.set(id, { request, done })
    this.#link?.send(request.type, request.message)
    return promise
  }

  #settle(id: string, result: ChatResult): void {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    pending?.done(result)
  }

  #nextId(): string {
    return `${this.#stream}:${++this.#number}`
  }
}
