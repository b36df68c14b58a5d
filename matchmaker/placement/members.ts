import type { Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import { closenessOf } from '../../model/placement/acquaintance.ts'
import type { PlacementMember } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SeatHolder } from '../../model/seat.ts'
import type { SocialProfile } from '../../store/store.ts'
import type { Parts } from '../parts.ts'

const nobody: ReadonlySet<CharacterId> = new Set()

/** `attributes`: only those that the map's policy asks for, so that a seat stays a small thing. */
export function holderOf({ character, entity, name, language, party, guild, attributes }: SocialProfile, { placement }: MapPolicy): SeatHolder {
  const wanted =
    attributes === undefined ? [] : placement.attributes.flatMap(({ name }) => (attributes[name] === undefined ? [] : [[name, attributes[name]] as const]))
  return defined({ character, entity, name, language, party, guild, attributes: wanted.length === 0 ? undefined : Object.fromEntries(wanted) })
}

/** Friends whom one has not met lately count half as much as those whom one plays with. */
export function memberOf(profile: SocialProfile, policy: MapPolicy, now: Instant): PlacementMember {
  const { friends, met, partyMembers, character, stateVersion } = profile
  const closeness = met === undefined ? undefined : closenessOf(met, now)
  return defined({
    holder: holderOf(profile, policy),
    friends: new Set(friends),
    familiar: closeness === undefined ? nobody : new Set(closeness.keys()),
    closeness,
    stateVersion,
    partyMembers: partyMembers.length === 0 ? undefined : partyMembers.filter((member) => member !== character),
  })
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
