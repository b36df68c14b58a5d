import { defined } from '../../model/defined.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { PlacementMember } from '../../model/placement/placement.ts'
import type { Description, People } from './course.ts'
import type { Trace } from './trace.ts'

/** Every avatar of a day as a placement member, by index. The realm is the `world` attribute: where the character played before the realms were merged. */
export function membersOf({ avatars }: Trace, { party, friends, language, languages, others = [] }: People): PlacementMember[] {
  const familiar: ReadonlySet<CharacterId> = new Set()
  return avatars.map(({ id, guild, realm }, index) => {
    const spoken = languages[language[index] ?? 0] ?? 'en'
    const holder = {
      character: id,
      entity: index + 1,
      name: id,
      language: spoken,
      ...defined({ languages: others[index]?.length ? others[index] : undefined, attributes: realm === 0 ? undefined : { world: String(realm) } }),
    }
    return {
      ...withCompany({ holder, friends: new Set(), familiar }, { guild, party: party[index] ?? -1 }),
      friends: new Set((friends[index] ?? []).flatMap((friend) => avatars[friend]?.id ?? [])),
      familiar,
    }
  })
}

/** The same member in this guild and party. */
export function withCompany(member: PlacementMember, { guild, party }: Description): PlacementMember {
  const { party: _party, guild: _guild, ...holder } = member.holder
  const company = defined({ party: party < 0 ? undefined : `p${party}`, guild: guild === 0 ? undefined : `g${guild}` })
  return { ...member, holder: { ...holder, ...company } }
}
