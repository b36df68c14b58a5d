import { type ChatChannel, type ChatMessage, chatKind, chatSubject } from '../../../model/chat/chat.ts'
import { defined } from '../../../model/defined.ts'
import type { ChatEvent } from '../../../model/wire/chat.ts'
import { control } from '../../../model/wire/room.ts'
import { type EncodedMessage, encoded } from '../connection/connection.ts'

/** A message as clients receive it. Made once for all members of a channel. */
export interface Parcel {
  channel: ChatChannel
  message: ChatMessage
  /** What clients receive: a `ChatEvent`. */
  event: EncodedMessage
}

export function parcelOf(channel: ChatChannel, message: ChatMessage, past = false): Parcel {
  const { id, from, text, at } = message
  const kind = chatKind(channel)
  const event: ChatEvent = defined({
    id,
    channel: kind,
    to: kind === 'custom' ? chatSubject(channel) : undefined,
    from: from === undefined ? undefined : { character: from.character, name: from.name },
    text,
    at,
    past: past ? (true as const) : undefined,
  })
  return { channel, message, event: encoded(control.chat, event) }
}
