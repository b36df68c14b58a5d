import type { ChatChannel, ChatHistory, ChatKind } from '../../../model/chat/chat.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { BucketSize } from '../connection/tokenBucket.ts'

/** A message of a player before it is sent, after its text was cleaned. */
export interface ChatDraft {
  id: string
  channel: ChatChannel
  from: { character: CharacterId; name: string }
  text: string
}

/** The answer of the filter. `refuse` is shown to the sender. */
export type ChatVerdict = 'allow' | { replace: string } | { refuse: string }

/** How one game server handles chat. All fields have defaults. */
export interface ChatOptions {
  /** Most characters (code points) of a text. Default 300. A text above 2,000 UTF-16 units disconnects its sender in any case. */
  maxLength?: number
  /** Messages that one character may send. Default: 6 at once, 1 a second over time. */
  send?: BucketSize
  /** Custom channels that one character may be in. Default 10. */
  customChannels?: number
  /** How much of each kind of channel is kept for characters that enter later. Default: nothing. */
  history?: Partial<Record<ChatKind, ChatHistory>>
  /** Decides about each message before it is sent. It runs on the game loop's thread, so it must be fast. When it throws, the message is refused. */
  filter?(draft: ChatDraft): ChatVerdict
  /** Gets each message after it was sent, for example for a moderation service. Its failures are logged and counted, and change nothing. */
  review?(draft: ChatDraft): Promise<void>
  /** Whether a character may join the custom channel of this name. Default: every character may. */
  mayJoin?(character: CharacterId, name: string): boolean
}

export type ChatRules = Required<Omit<ChatOptions, 'filter' | 'review' | 'mayJoin'>> & Pick<ChatOptions, 'filter' | 'review' | 'mayJoin'>

/** `send`: faster than people write, slower than a flood. */
const defaults: ChatRules = {
  maxLength: 300,
  send: { perSecond: 1, burst: 6 },
  customChannels: 10,
  history: {},
}

export function chatRules(options: ChatOptions = {}): ChatRules {
  return { ...defaults, ...options }
}
