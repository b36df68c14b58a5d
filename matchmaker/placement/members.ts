import type { Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import { seatLanguages } from '../../model/people/languages.ts'
import { refuseBanned } from '../../model/people/sanction.ts'
import type { PlacementMember } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SeatHolder } from '../../model/seat.ts'
import { peopleOf } from '../../score/people.ts'
import type { SocialProfile } from '../../store/store.ts'
import type { Parts } from '../parts.ts'

/** The seat holder of a profile. It keeps only the attributes that the map's policy uses, so that seats stay small. */
export function holderOf({ character, entity, name, languages, party, guild, attributes }: SocialProfile, { placement }: MapPolicy): SeatHolder {
  const wanted =
    attributes === undefined ? [] : placement.attributes.flatMap(({ name }) => (attributes[name] === undefined ? [] : [[name, attributes[name]] as const]))
  const spoken = seatLanguages(languages, placement.languages)
  return defined({ character, entity, name, ...spoken, party, guild, attributes: wanted.length === 0 ? undefined : Object.fromEntries(wanted) })
}

/** The placement member of a profile. */
export function memberOf(profile: SocialProfile, policy: MapPolicy, now: Instant): PlacementMember {
  const { partyMembers, character, stateVersion, left } = profile
  return defined({
    ...peopleOf(profile, now),
    holder: holderOf(profile, policy),
    stateVersion,
    leftCopy: left !== undefined && now - left.at < policy.placement.returnWithinMs ? left.copy : undefined,
    partyMembers: partyMembers.length === 0 ? undefined : partyMembers.filter((member) => member !== character),
  })
}

/** The profile of a character. Throws CHARACTER_UNKNOWN, because a session may outlive its character. */
export async function profileOf(parts: Parts, character: CharacterId): Promise<SocialProfile> {
  const profile = await parts.store.profile(character)
  if (profile === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character })
  return profile
}

/** The profile of a character that wants into a copy. Throws CHARACTER_UNKNOWN, ACCOUNT_BANNED. */
export async function admittedProfile(parts: Parts, character: CharacterId): Promise<SocialProfile> {
  const profile = await profileOf(parts, character)
  refuseBanned(profile.ban, parts.clock.now())
  return profile
}

/** The asker first, then the party members who are neither in the world nor have a seat held, without those that are banned. */
export async function absentParty(parts: Parts, asker: SocialProfile): Promise<SocialProfile[]> {
  const others = asker.partyMembers.filter((character) => character !== asker.character)
  if (others.length === 0) return [asker]
  const { whereabouts } = parts.world.census()
  const present = await parts.directory.presence(others)
  const absent = others.filter((character) => !present.has(character) && !whereabouts.has(character))
  const now = parts.clock.now()
  return [asker, ...(await parts.store.profiles(absent)).filter(({ ban }) => ban === undefined || ban.until <= now)]
}
