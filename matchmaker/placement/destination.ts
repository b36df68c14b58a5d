import type { Census } from '../../model/census.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, CopyId, MapName } from '../../model/ids.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SocialProfile } from '../../store/store.ts'
import { type Parts, policyOf } from '../parts.ts'

/** The target of a request. The wire schema ensures that exactly one field is set. */
export interface Wish {
  map?: MapName | undefined
  friend?: string | undefined
  copy?: CopyId | undefined
  instance?: MapName | undefined
}

/** The target after lookup and permission checks. */
export interface Destination {
  policy: MapPolicy
  /** Set when only this copy will do. */
  copy?: CopyId
  /** They join somebody in that copy, so its seats above the soft cap are open to them. */
  asCompany?: boolean
  /** The character they join. */
  beside?: CharacterId
  /** Goes into the decision's reason, for example `to join Ada`. */
  purpose: string
}

/** Throws MAP_UNKNOWN, BAD_REQUEST, CHARACTER_UNKNOWN, NOT_COMPANY, FRIEND_OFFLINE, COPY_UNKNOWN or COPY_CHOICE_FORBIDDEN. */
export async function resolveDestination(parts: Parts, asker: SocialProfile, { map, friend, copy, instance }: Wish): Promise<Destination> {
  if (friend !== undefined) return besideFriend(parts, asker, friend)
  if (copy !== undefined) return chosenCopy(parts, copy)
  const name = map ?? instance ?? ''
  const policy = policyOf(parts, name)
  if ((policy.kind === 'instance') !== (instance !== undefined)) {
    throw new StrataError('BAD_REQUEST', {
      problem: `the map "${name}" is of kind ${policy.kind}: send its name as "${policy.kind === 'instance' ? 'instance' : 'map'}"`,
    })
  }
  if (instance !== undefined && asker.party === undefined) {
    throw new StrataError('BAD_REQUEST', { problem: 'an instance belongs to a party: make one first (POST /v1/party)' })
  }
  return { policy, purpose: `to enter ${name}` }
}

/** Allowed for friends, party and guild members only, because joining a character opens the seats above the soft cap. */
async function besideFriend(parts: Parts, asker: SocialProfile, idOrName: string): Promise<Destination> {
  const friend = await parts.store.findCharacter(idOrName)
  if (friend === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character: idOrName })
  if (friend.character === asker.character) throw new StrataError('BAD_REQUEST', { problem: 'friend: name somebody else; a character cannot join itself' })
  const sameGuild = asker.guild !== undefined && friend.guild === asker.guild
  if (!asker.friends.includes(friend.character) && !asker.partyMembers.includes(friend.character) && !sameGuild) throw new StrataError('NOT_COMPANY')
  const at = await whereIs(parts, friend.character)
  if (at === undefined) throw new StrataError('FRIEND_OFFLINE')
  return { policy: policyOf(parts, at.map), copy: at.copy, asCompany: true, beside: friend.character, purpose: `to join ${friend.name}` }
}

/** The copy where the character is live, otherwise the copy where a seat is held for it. */
async function whereIs(parts: Parts, character: CharacterId): Promise<{ map: MapName; copy: CopyId } | undefined> {
  const present = (await parts.directory.presence([character])).get(character)
  return present ?? parts.world.census().whereabouts.get(character)
}

function chosenCopy(parts: Parts, copy: CopyId): Destination {
  const map = mapOfCopy(parts.world.census(), copy)
  if (map === undefined) throw new StrataError('COPY_UNKNOWN', { copy })
  const policy = policyOf(parts, map)
  if (!policy.placement.chooseCopy) throw new StrataError('COPY_CHOICE_FORBIDDEN')
  return { policy, copy, purpose: `to enter the copy ${copy}` }
}

function mapOfCopy(census: Census, copy: CopyId): MapName | undefined {
  for (const map of census.maps.values()) if (map.copies.has(copy)) return map.map
  return undefined
}
