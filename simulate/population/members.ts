import type { CharacterId } from '../../model/ids.ts'
import type { PlacementMember } from '../../model/placement/placement.ts'
import { LANGUAGES, type People } from './people.ts'
import type { Trace } from './trace.ts'

/** Everybody of a day as the placer knows them, by index. Their realm is where they played before the megaserver: the attribute `world`. */
export function membersOf({ avatars }: Trace, { party, friends, language }: People): PlacementMember[] {
  const familiar: ReadonlySet<CharacterId> = new Set()
  return avatars.map(({ id, guild, realm }, index) => {
    const ofParty = party[index] ?? -1
    return {
      holder: {
        character: id,
        entity: index + 1,
        name: id,
        language: LANGUAGES[language[index] ?? 0] ?? 'en',
        attributes: { world: String(realm) },
        ...(ofParty < 0 ? {} : { party: `p${ofParty}` }),
        ...(guild === 0 ? {} : { guild: `g${guild}` }),
      },
      friends: new Set((friends[index] ?? []).flatMap((friend) => avatars[friend]?.id ?? [])),
      familiar,
    }
  })
}
