import type { DurationMs, Instant } from '../clock.ts'
import type { CharacterId } from '../ids.ts'

/**
 * A channel of the chat. `map:` reaches all copies of a map, `announcement` every player in the world, `whisper:` one character.
 * `custom:` channels have a folded name (`chatText.ts`) and anybody may join them.
 */
export type ChatChannel = `${Exclude<ChatKind, 'announcement'>}:${string}` | 'announcement'
export type ChatKind = 'map' | 'party' | 'guild' | 'whisper' | 'custom' | 'announcement'

export interface ChatMessage {
  /**
   * Unique. A player's message has the id `STREAM:NUMBER`: the client chooses a new stream for each session, and the number rises with each message.
   * Receivers use it to drop a message that arrives twice or after a later one of the same stream.
   */
  id: string
  /** Absent: the message is from the operators, for example an announcement. */
  from?: ChatSender
  text: string
  at: Instant
}

export interface ChatSender {
  character: CharacterId
  name: string
  /** Characters that must not receive the message: the sender's account and theirs have a block between them, in either direction. */
  blocked?: readonly CharacterId[]
}

/** How much of a channel is kept for characters that join it later. */
export interface ChatHistory {
  /** Most messages. */
  count: number
  /** Older messages are left out, in ms. */
  ageMs: DurationMs
}

export function chatKind(channel: ChatChannel): ChatKind {
  return channel.split(':', 1)[0] as ChatKind // every channel begins with its kind
}

/** The part of a channel after its kind: a map, a party, a guild, a character or a name. Empty for announcements. */
export function chatSubject(channel: ChatChannel): string {
  const colon = channel.indexOf(':')
  return colon < 0 ? '' : channel.slice(colon + 1)
}
