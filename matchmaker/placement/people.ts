import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { PlacementMember } from '../../model/placement.ts'
import type { SeatHolder } from '../../model/seat.ts'
import type { SocialProfile } from '../../store/store.ts'
import type { Parts } from '../parts.ts'

const nobody: ReadonlySet<CharacterId> = new Set()

export function holderOf({ character, entity, name, language, party, guild }: SocialProfile): SeatHolder {
  return { character, entity, name, language, ...(party === undefined ? {} : { party }), ...(guild === undefined ? {} : { guild }) }
}

/** Whom somebody met lately is not recorded yet, so that `familiar` weighs nothing for now. */
export function memberOf(profile: SocialProfile): PlacementMember {
  return { holder: holderOf(profile), friends: new Set(profile.friends), familiar: nobody }
}

/** Throws CHARACTER_UNKNOWN: a session may outlive its character. */
export async function profileOf(parts: Parts, character: CharacterId): Promise<SocialProfile> {
  const profile = await parts.store.profile(character)
  if (profile === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character })
  return profile
}

/** The party with its members who are neither in the world nor about to be, whoever asks first of all. */
export async function absentParty(parts: Parts, asker: SocialProfile): Promise<SocialProfile[]> {
  const others = asker.partyMembers.filter((character) => character !== asker.character)
  if (others.length === 0) return [asker]
  const { whereabouts } = parts.world.census()
  const present = await parts.directory.presence(others)
  const absent = others.filter((character) => !present.has(character) && !whereabouts.has(character))
  return [asker, ...(await parts.store.profiles(absent))]
}
