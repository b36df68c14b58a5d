import type { ChatChannel, ChatHistory, ChatMessage } from '../../model/chat/chat.ts'
import type { Instant } from '../../model/clock.ts'
import type { ChatFeed } from '../chat.ts'
import { batchWrites } from './batchWrites.ts'
import type { Keys } from './keys.ts'
import type { RedisConnections } from './openRedis.ts'
import { readChat } from './readChat.ts'
import type { Subscribers } from './subscribers.ts'

/** Channels per SUBSCRIBE after a reconnect: bounds one command, so that Redis serves others in between. */
const CHANNELS_PER_COMMAND = 500

/** The chat in Redis: publish/subscribe between servers, and one capped list per channel for what is kept. */
export class RedisChat {
  readonly #redis: RedisConnections['commands']
  readonly #subscribers: Subscribers
  readonly #keys: Keys

  constructor(redis: RedisConnections['commands'], subscribers: Subscribers, keys: Keys) {
    this.#redis = redis
    this.#subscribers = subscribers
    this.#keys = keys
  }

  async publish(channel: ChatChannel, message: ChatMessage, keep?: ChatHistory): Promise<void> {
    const text = JSON.stringify(message)
    batchWrites(this.#redis)
    const sent = this.#redis.publish(this.#keys.chat(channel), text)
    if (keep === undefined || keep.count <= 0) return void (await sent)
    const list = this.#keys.chatHistory(channel)
    const kept = this.#redis.multi().rpush(list, text).ltrim(list, -keep.count, -1).pexpire(list, keep.ageMs).exec()
    await Promise.all([sent, kept])
  }

  async history(channel: ChatChannel, count: number, since: Instant): Promise<ChatMessage[]> {
    if (count <= 0) return []
    const texts = await this.#redis.lrange(this.#keys.chatHistory(channel), -count, -1)
    return texts.flatMap((text) => readChat(text) ?? []).filter(({ at }) => at >= since)
  }

  /** One connection per feed: Redis then keeps the order of each sender, and a subscribed connection cannot send other commands. */
  async open(receive: (channel: ChatChannel, message: ChatMessage) => void): Promise<ChatFeed> {
    const connection = await this.#subscribers.open((opened) => opened)
    const channels = new Set<ChatChannel>()
    const prefix = this.#keys.chat('')
    connection.on('message', (name: string, text: string) => {
      const message = readChat(text)
      if (message !== undefined) receive(name.slice(prefix.length) as ChatChannel, message) // the feed subscribes to names of channels only
    })
    const subscribe = async (names: readonly ChatChannel[]): Promise<void> => {
      const chunks = Array.from({ length: Math.ceil(names.length / CHANNELS_PER_COMMAND) }, (_, index) =>
        names.slice(index * CHANNELS_PER_COMMAND, (index + 1) * CHANNELS_PER_COMMAND),
      )
      await Promise.all(chunks.map((chunk) => connection.subscribe(...chunk.map((name) => this.#keys.chat(name)))))
    }
    // If this fails, the connection broke again and the next `ready` repeats it.
    connection.on('ready', () => void subscribe([...channels]).catch(() => undefined))
    return {
      join: async (names) => {
        for (const name of names) channels.add(name)
        await subscribe(names)
      },
      leave: async (names) => {
        for (const name of names) channels.delete(name)
        if (names.length > 0) await connection.unsubscribe(...names.map((name) => this.#keys.chat(name)))
      },
      [Symbol.asyncDispose]: async () => this.#subscribers.close(connection),
    }
  }
}
