import type { Census } from '../../model/census.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, CopyId, InstanceKey, MapName } from '../../model/ids.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SocialProfile } from '../../store/store.ts'
import { type Parts, policyOf } from '../parts.ts'
import { instanceKeyFor } from './instanceKey.ts'
import { mayJoin } from './visibility.ts'

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
  /** On maps whose instances have keys of the game: the key of the asker. */
  instanceKey?: InstanceKey
  /** Goes into the decision's reason, for example `to join Ada`. */
  purpose: string
}

/** `from`: the copy where the asker is. Throws MAP_UNKNOWN, BAD_REQUEST, FRIEND_OFFLINE, COPY_UNKNOWN or COPY_CHOICE_FORBIDDEN. */
export async function resolveDestination(parts: Parts, asker: SocialProfile, wish: Wish, from?: CopyId): Promise<Destination> {
  const destination = await targetOf(parts, asker, wish, from)
  const instanceKey = await instanceKeyFor(parts, asker, destination.policy)
  if (instanceKey === undefined) return destination
  return { ...destination, instanceKey, purpose: `${destination.purpose} with the instance key "${instanceKey}"` }
}

async function targetOf(parts: Parts, asker: SocialProfile, { map, friend, copy, instance }: Wish, from?: CopyId): Promise<Destination> {
  if (friend !== undefined) return besideFriend(parts, asker, friend, from)
  if (copy !== undefined) return chosenCopy(parts, copy)
  const name = map ?? instance ?? ''
  const policy = policyOf(parts, name)
  if ((policy.kind === 'instance') !== (instance !== undefined)) {
    throw new StrataError('BAD_REQUEST', {
      problem: `the map "${name}" is of kind ${policy.kind}: send its name as "${policy.kind === 'instance' ? 'instance' : 'map'}"`,
    })
  }
  if (instance !== undefined && asker.party === undefined && policy.instance.key === undefined) {
    throw new StrataError('BAD_REQUEST', { problem: 'an instance belongs to a party: make one first (POST /v1/party)' })
  }
  return { policy, purpose: `to enter ${name}` }
}

/**
 * Allowed for party members, and for friends and guild-mates whom the character lets join it, because joining opens the seats above the soft cap. Every refusal
 * is FRIEND_OFFLINE: a blocked, a private and an unknown character look like one that is offline.
 */
async function besideFriend(parts: Parts, asker: SocialProfile, idOrName: string, from?: CopyId): Promise<Destination> {
  const friend = await parts.store.findCharacter(idOrName)
  if (friend?.character === asker.character) throw new StrataError('BAD_REQUEST', { problem: 'friend: name somebody else; a character cannot join itself' })
  if (friend === undefined || !mayJoin(asker, friend)) throw new StrataError('FRIEND_OFFLINE')
  const at = await whereIs(parts, friend.character, from)
  if (at === undefined) throw new StrataError('FRIEND_OFFLINE')
  return { policy: policyOf(parts, at.map), copy: at.copy, asCompany: true, beside: friend.character, purpose: `to join ${friend.name}` }
}

/** The copy where the character is live, otherwise the copy where a seat is held for it. For an asker in the same copy: the copy to which it travels now. */
async function whereIs(parts: Parts, character: CharacterId, from: CopyId | undefined): Promise<{ map: MapName; copy: CopyId } | undefined> {
  const present = (await parts.directory.presence([character])).get(character)
  if (present === undefined) return parts.world.census().whereabouts.get(character)
  if (present.copy !== from) return present
  const now = parts.clock.now()
  const orders = await parts.directory.movesFor(present.server)
  const travels = orders.find(
    ({ cause, deadline, members }) => cause === 'travel' && deadline > now && members.some((member) => member.character === character),
  )
  return travels?.to ?? present
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
