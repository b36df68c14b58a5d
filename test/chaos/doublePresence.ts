import type { DiaryLine } from '../../gameserver/demo/bots/diary.ts'

/** A body may be seen for so long after its player has gone on: the news of it travels. */
const NEWS_MS = 3_000

/** One player, in sight of somebody in a copy while its own client was live in another. */
export interface Doubled {
  entity: number
  at: number
  seenIn: string
  liveIn: string
}

/** Reads what the clients wrote themselves: nobody may be seen in one copy while being somewhere else. */
export function doublePresences(lines: readonly DiaryLine[]): Doubled[] {
  const stays = staysOf(lines)
  const doubled: Doubled[] = []
  const told = new Set<number>()
  for (const { at, event, copy, players = [] } of lines) {
    if (event !== 'sees' || copy === undefined) continue
    for (const entity of players) {
      if (told.has(entity)) continue
      const around = (stays.get(entity) ?? []).filter(({ from, until }) => from <= at + NEWS_MS && until >= at - NEWS_MS)
      const [only] = around
      // Elsewhere, and nowhere else, all the time around this moment.
      if (around.length !== 1 || only === undefined || only.copy === copy || only.from > at - NEWS_MS || only.until < at + NEWS_MS) continue
      told.add(entity)
      doubled.push({ entity, at, seenIn: copy, liveIn: only.copy })
    }
  }
  return doubled
}

interface Stay {
  copy: string
  from: number
  until: number
}

/** Where each player was live, by its own word. */
function staysOf(lines: readonly DiaryLine[]): Map<number, Stay[]> {
  const stays = new Map<number, Stay[]>()
  for (const { at, event, entity, copy } of lines) {
    if (entity === undefined || copy === undefined) continue
    const own = stays.get(entity) ?? []
    stays.set(entity, own)
    const last = own.at(-1)
    if (event === 'lost' || event === 'out') {
      if (last !== undefined) last.until = Math.min(last.until, at)
      continue
    }
    if (last?.until === Number.POSITIVE_INFINITY && last.copy === copy) continue
    if (last !== undefined) last.until = Math.min(last.until, at)
    own.push({ copy, from: at, until: Number.POSITIVE_INFINITY })
  }
  return stays
}
