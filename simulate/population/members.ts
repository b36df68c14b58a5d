import { defined } from '../../model/defined.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { PlacementMember } from '../../model/placement/placement.ts'
import { LANGUAGES, type People } from './people.ts'
import type { Trace } from './trace.ts'

/** Every avatar of a day as a placement member, by index. The realm is the `world` attribute: where the character played before the realms were merged. */
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
        ...defined({ party: ofParty < 0 ? undefined : `p${ofParty}`, guild: guild === 0 ? undefined : `g${guild}` }),
      },
      friends: new Set((friends[index] ?? []).flatMap((friend) => avatars[friend]?.id ?? [])),
      familiar,
    }
  })
}
