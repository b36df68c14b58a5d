import type { ChatChannel, ChatHistory, ChatMessage } from '../../model/chat/chat.ts'
import type { Instant } from '../../model/clock.ts'
import type { ChatFeed } from '../chat.ts'

interface Feed {
  channels: Set<ChatChannel>
  receive(channel: ChatChannel, message: ChatMessage): void
}

/** The chat of the directory in memory. */
export class ChatChannels {
  readonly #feeds = new Set<Feed>()
  readonly #kept = new Map<ChatChannel, ChatMessage[]>()

  publish(channel: ChatChannel, message: ChatMessage, keep?: ChatHistory): void {
    if (keep !== undefined && keep.count > 0) this.#kept.set(channel, [...(this.#kept.get(channel) ?? []), message].slice(-keep.count))
    for (const feed of this.#feeds) if (feed.channels.has(channel)) feed.receive(channel, message)
  }

  history(channel: ChatChannel, count: number, since: Instant): ChatMessage[] {
    return count <= 0 ? [] : (this.#kept.get(channel) ?? []).slice(-count).filter(({ at }) => at >= since)
  }

  open(receive: Feed['receive']): ChatFeed {
    const feed: Feed = { channels: new Set(), receive }
    this.#feeds.add(feed)
    return {
      join: async (channels) => channels.forEach((channel) => void feed.channels.add(channel)),
      leave: async (channels) => channels.forEach((channel) => void feed.channels.delete(channel)),
      [Symbol.asyncDispose]: async () => void this.#feeds.delete(feed),
    }
  }

  clear(): void {
    this.#kept.clear()
  }
}
