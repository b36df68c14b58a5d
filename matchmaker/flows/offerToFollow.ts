import type { CharacterId, MapName } from '../../model/ids.ts'
import { FOLLOW_OFFER_MS } from '../../model/move.ts'
import type { Presence } from '../../model/seat.ts'
import type { SocialProfile } from '../../store/store.ts'
import type { Parts } from '../parts.ts'

/**
 * Tells party members that `traveller` goes to another map. To follow they travel to the traveller by name (`POST /v1/travel` with `friend`), which every
 * party member may do. No seat is held for them: somebody who does not answer keeps nobody out. A lost offer is no fault, so errors are only logged.
 */
export async function offerToFollow(
  { directory, clock, log }: Pick<Parts, 'directory' | 'clock' | 'log'>,
  { character, name }: Pick<SocialProfile, 'character' | 'name'>,
  { asked, present, map }: { asked: readonly SocialProfile[]; present: ReadonlyMap<CharacterId, Presence>; map: MapName },
): Promise<void> {
  const until = clock.now() + FOLLOW_OFFER_MS
  const offers = asked.map(async (member) => {
    const server = present.get(member.character)?.server
    if (server === undefined) return
    await directory.tellServer({ type: 'tellPlayer', server, character: member.character, notice: { about: 'follow', from: { character, name }, map, until } })
  })
  for (const offer of await Promise.allSettled(offers)) if (offer.status === 'rejected') log.warn({ err: offer.reason }, 'an offer to follow was lost')
}
