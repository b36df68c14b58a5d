import type { ChatChannel, ChatMessage } from './chat.ts'

/** An id with a stream and a rising number, as clients make it. */
const numbered = /^(.+):(\d+)$/

/**
 * Drops chat messages that arrived before, or after a later one of the same stream in the same channel (rule T1). Redis and clients send a message
 * again when its answer is lost.
 */
export class ChatOrder {
  readonly #streams = new Map<string, Stream>()
  readonly #capacity: number

  /** `capacity`: streams that are remembered; one that was silent for long is forgotten first. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Records the message. `false`: it must not be shown. */
  isNew(channel: ChatChannel, { id, from }: Pick<ChatMessage, 'id'> & { from?: { character: string } }): boolean {
    const [, name = id, digits = '0'] = from === undefined ? [] : (numbered.exec(id) ?? [])
    const key = `${from?.character ?? ''} ${name} ${channel}`
    const last = Number(digits)
    const stream = this.#streams.get(key)
    if (stream === undefined) {
      if (this.#streams.size >= this.#capacity) this.#forgetOne()
      this.#streams.set(key, { last, again: false })
      return true
    }
    if (last <= stream.last) return false
    stream.last = last
    stream.again = true
    return true
  }

  /**
   * The clock algorithm: goes through the streams in their order, puts those that spoke since the last visit to the end, and forgets the first that did not. To
   * keep the order exact, each message would have to delete and insert its stream, which took a fifth of a client's CPU time for chat.
   */
  #forgetOne(): void {
    for (const [key, stream] of this.#streams) {
      this.#streams.delete(key)
      if (!stream.again) return
      stream.again = false
      this.#streams.set(key, stream)
    }
  }
}

interface Stream {
  /** The highest number. */
  last: number
  /** Whether it spoke after its first message, or after it was put to the end. */
  again: boolean
}
