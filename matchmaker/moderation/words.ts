import type { ChatChannel } from '../../model/chat/chat.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, MapName } from '../../model/ids.ts'
import { policyOf } from '../parts.ts'
import { type ModerationParts, subjectNamed } from './subject.ts'

/** Sends a text to one player; it comes as a whisper without a sender. Returns the characters in the world that it goes to. Throws NOT_IN_WORLD. */
export async function message(moderation: ModerationParts, { actor, player, text }: { actor: string; player: string; text: string }): Promise<CharacterId[]> {
  const { parts, accounts } = moderation
  const { account, characters } = await subjectNamed(moderation, player)
  const present = [...(await parts.directory.presence(characters)).keys()]
  if (present.length === 0) throw new StrataError('NOT_IN_WORLD')
  await accounts.audit({ actor, action: 'message', subject: account, reason: text, details: { characters: present } })
  await Promise.all(present.map((character) => publish(moderation, `whisper:${character}`, text)))
  return present
}

/** Sends a text to all players, or to those on one map. Throws MAP_UNKNOWN. */
export async function announce(moderation: ModerationParts, { actor, map, text }: { actor: string; map?: MapName; text: string }): Promise<void> {
  if (map !== undefined) policyOf(moderation.parts, map)
  await moderation.accounts.audit({ actor, action: 'announce', subject: map === undefined ? 'everyone' : `map ${map}`, reason: text })
  await publish(moderation, map === undefined ? 'announcement' : `map:${map}`, text)
}

function publish({ parts }: ModerationParts, channel: ChatChannel, text: string): Promise<void> {
  return parts.directory.publishChat(channel, { id: parts.newId(), text, at: parts.clock.now() })
}
