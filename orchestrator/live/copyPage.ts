import type { Census, CopyCensus } from '../../model/census.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { CopyId } from '../../model/ids.ts'
import type { CopyAnswer } from '../../model/wire/console.ts'
import type { Store } from '../../store/store.ts'
import { liveCopy } from './worldView.ts'

/** Guilds whose names are read. */
const GUILDS = 20
/** Decisions of the map that are searched for those of the copy. */
const SEARCHED_DECISIONS = 1_000
const DECISIONS = 50

/** Guilds, languages and decisions of a copy. Throws COPY_UNKNOWN. */
export async function copyPage(census: Census, store: Pick<Store, 'decisionsOn' | 'guildName'>, id: CopyId): Promise<CopyAnswer> {
  const found = copyIn(census, id)
  if (found === undefined) throw new StrataError('COPY_UNKNOWN', { copy: id })
  const guilds = largest(found.guilds).slice(0, GUILDS)
  const languages = largest(found.languages).map(([language, players]) => ({ language, players }))
  const copy = { ...liveCopy(found) }
  const [names, decisions] = await Promise.all([
    Promise.all(guilds.map(([guild]) => store.guildName(guild))),
    store.decisionsOn(found.copy.map, SEARCHED_DECISIONS),
  ])
  return {
    copy,
    guilds: guilds.map(([guild, players], index) => defined({ guild, name: names[index], players })),
    languages,
    decisions: decisions.filter((decision) => decision.copy === id || decision.inputs['from'] === id).slice(0, DECISIONS),
  }
}

export function copyIn({ maps }: Census, id: CopyId): CopyCensus | undefined {
  for (const { copies } of maps.values()) {
    const copy = copies.get(id)
    if (copy !== undefined) return copy
  }
  return undefined
}

function largest(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1])
}
