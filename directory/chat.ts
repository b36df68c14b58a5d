import type { ChatChannel, ChatHistory, ChatMessage } from '../model/chat/chat.ts'
import type { Instant } from '../model/clock.ts'

/**
 * The chat between servers. A message reaches each feed at most once: it is lost for a feed that is not connected at that moment. Messages of one caller
 * to one channel arrive in the order of the calls.
 */
export interface ChatDirectory {
  /** Sends a message to every feed that has joined the channel. With `keep`, `chatHistory` returns it later. Throws DEPENDENCY_DOWN. */
  publishChat(channel: ChatChannel, message: ChatMessage, keep?: ChatHistory): Promise<void>
  /** The last `count` messages that were kept of a channel and are not older than `since`, oldest first. */
  chatHistory(channel: ChatChannel, count: number, since: Instant): Promise<ChatMessage[]>
  /** Opens a feed without channels. `receive` gets each message of the channels that the feed joins. */
  openChat(receive: (channel: ChatChannel, message: ChatMessage) => void): Promise<ChatFeed>
}

/** The channels that one game server receives. Calls take effect in their order. */
export interface ChatFeed extends AsyncDisposable {
  /** Resolves when messages arrive. After a lost connection the feed joins its channels again by itself. */
  join(channels: readonly ChatChannel[]): Promise<void>
  leave(channels: readonly ChatChannel[]): Promise<void>
}
