import type { InstanceKey } from '../../model/ids.ts'
import { type InstanceQuestion, type KeyedCharacter, privateKey } from '../../model/policy/instanceKey.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { SocialProfile } from '../../store/store.ts'
import type { Parts } from '../parts.ts'
import { holderOf } from './members.ts'

/**
 * The key of the instance that this character may enter now, by the game's function that the policy names. Undefined on maps whose policy names none. Where the
 * function fails, the instance is private to the party, or to a character without one: a mistake in the game's code must not refuse players.
 */
export async function instanceKeyFor(parts: Pick<Parts, 'store'>, asker: SocialProfile, policy: MapPolicy): Promise<InstanceKey | undefined> {
  const { key, keyOf } = policy.instance
  if (policy.kind !== 'instance' || key === undefined) return undefined
  const { party, partyLeader, partyMembers } = asker
  const leader = partyLeader === undefined || partyLeader === asker.character ? asker : ((await parts.store.profile(partyLeader)) ?? asker)
  const members = party === undefined ? [asker.character] : partyMembers
  const question: InstanceQuestion = { map: policy.map, character: keyed(asker, policy), leader: keyed(leader, policy), members }
  if (party !== undefined) question.party = party
  return keyOf?.(question) ?? privateKey(question)
}

function keyed(profile: SocialProfile, policy: MapPolicy): KeyedCharacter {
  const { entity: _entity, party: _party, attributes: _used, ...character } = holderOf(profile, policy)
  return profile.attributes === undefined ? character : { ...character, attributes: profile.attributes }
}
