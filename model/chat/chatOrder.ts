import type { ChatChannel, ChatMessage } from './chat.ts'

/** An id with a stream and a rising number, as clients make it. */
const numbered = /^(.+):(\d+)$/

/**
 * Drops chat messages that arrived before, or after a later one of the same stream in the same channel (rule T1). Redis and clients send a message
 * again when its answer is lost.
 */
export class ChatOrder {
  readonly #last = new Map<string, number>()
  readonly #capacity: number

  /** `capacity`: streams that are remembered; the one that was silent for longest is forgotten first. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Records the message. `false`: it must not be shown. */
  isNew(channel: ChatChannel, { id, from }: Pick<ChatMessage, 'id'> & { from?: { character: string } }): boolean {
    const [, stream = id, number = '0'] = from === undefined ? [] : (numbered.exec(id) ?? [])
    const key = `${from?.character ?? ''} ${stream} ${channel}`
    const last = this.#last.get(key)
    if (last !== undefined && Number(number) <= last) return false
    // Deleted and set again: a Map keeps the order of insertion, so the first key is the one that was silent for longest.
    this.#last.delete(key)
    this.#last.set(key, Number(number))
    if (this.#last.size > this.#capacity) for (const oldest of this.#last.keys()) return this.#last.delete(oldest)
    return true
  }
}
