import { FOLLOW_OFFER_MS } from '../../model/move.ts'
import type { NoticeMessage } from '../../model/wire/room.ts'
import { StrataClientError } from '../errors.ts'
import type { MovedEvent, WorldEvents } from '../worldEvents.ts'

/** The event for a member of the party who travels. Its length is measured on this machine, because its clock may differ from the server's. */
export function followOffer(
  { from, map, until }: NoticeMessage & { about: 'follow' },
  travel: (friend: string) => Promise<MovedEvent>,
): WorldEvents['followOffer'] {
  const endsAt = performance.now() + FOLLOW_OFFER_MS
  const accept = async (): Promise<MovedEvent> => {
    if (performance.now() > endsAt) throw new StrataClientError('MOVE_FAILED', 'the offer to follow has ended', false)
    return travel(from.character)
  }
  return { from, map, until, accept }
}
