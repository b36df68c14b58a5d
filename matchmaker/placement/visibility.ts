import type { CharacterId } from '../../model/ids.ts'
import type { SocialProfile } from '../../store/store.ts'

type Asker = Pick<SocialProfile, 'character' | 'guild'>

/** Whether the asker may see whether and where `other` is. Members of one party see each other, whatever blocks and settings say. */
export function seesPresenceOf(asker: CharacterId, { character, partyMembers, blocked, friends, settings }: SocialProfile): boolean {
  if (asker === character || partyMembers.includes(asker)) return true
  if (blocked?.includes(asker) === true) return false
  return settings.presence === 'everyone' || (settings.presence === 'friends' && friends.includes(asker))
}

/**
 * Whether the asker may enter the copy where `other` is by naming it. Members of one party always may: the party is placed together. Nobody joins a character
 * that hides where it is, because joining shows it.
 */
export function mayJoin(asker: Asker, { character, partyMembers, blocked, friends, guild, settings }: SocialProfile): boolean {
  if (asker.character === character || partyMembers.includes(asker.character)) return true
  if (blocked?.includes(asker.character) === true || settings.joinable === 'nobody' || settings.presence === 'nobody') return false
  return friends.includes(asker.character) || (settings.joinable === 'company' && guild !== undefined && guild === asker.guild)
}
