import { z } from 'zod'
import type { ChatKind } from '../chat/chat.ts'
import type { Instant } from '../clock.ts'
import type { ErrorCode } from '../errors.ts'
import type { CharacterId } from '../ids.ts'
import { isStorable } from './text.ts'

/** Longest text that is read, in UTF-16 units; a longer one disconnects its sender. `ChatOptions.maxLength` should be less: a text above it is refused with the reason. */
const TEXT_READ_MAX = 2_000

/** Channels in which players speak. */
export const spokenKinds = ['map', 'party', 'guild', 'whisper', 'custom'] as const satisfies readonly ChatKind[]
export type SpokenKind = (typeof spokenKinds)[number]

/** Id of a request about chat; for a message it is the id of the message: a stream of the client's session, and a number that rises. */
const id = z.string().regex(/^[a-z0-9]{1,16}:[1-9]\d{0,9}$/)

/** Of a character or a channel. A name with a control character exists nowhere, and no database can look for it. */
const name = (max: number) => z.string().min(1).max(max).refine(isStorable, 'contains a control character or half of a surrogate pair')

/** `to`: the character (id or name) of a whisper, the name of a custom channel; absent for the others. */
export const sayMessage = z.strictObject({
  id,
  channel: z.enum(spokenKinds),
  to: name(128).exactOptional(),
  text: z.string().max(TEXT_READ_MAX),
})
export const channelMessage = z.strictObject({ id, name: name(64), action: z.enum(['join', 'leave']) })
export type SayMessage = z.infer<typeof sayMessage>
export type ChannelMessage = z.infer<typeof channelMessage>

/** Answer to a `say` or `channel` message with this id. Without `code` it succeeded. */
export interface SaidMessage {
  id: string
  code?: ErrorCode
  message?: string
}

/** A chat message for a client. */
export interface ChatEvent {
  id: string
  channel: ChatKind
  /** Name of the custom channel. */
  to?: string
  /** Absent: the message is from the operators. */
  from?: { character: CharacterId; name: string }
  text: string
  at: Instant
  /** Sent before the character entered; from the history of the channel. */
  past?: true
}
