import type { BotEvent } from '../../gameserver/demo/bots/eventLog.ts'

/** How long, in ms, a body may still be seen in a copy after its player moved on: updates take time to arrive. */
const TOLERANCE_MS = 3_000

/** A player who was seen in one copy while its own client was live in another. */
export interface Doubled {
  entity: number
  at: number
  seenIn: string
  liveIn: string
}

/** Finds players who were seen in one copy while they were live only in another, from the clients' own logs. */
export function doublePresences(lines: readonly BotEvent[]): Doubled[] {
  const stays = staysOf(lines)
  const doubled: Doubled[] = []
  const reported = new Set<number>()
  for (const { at, event, copy, players = [] } of lines) {
    if (event !== 'sees' || copy === undefined) continue
    for (const entity of players) {
      if (reported.has(entity)) continue
      const nearby = (stays.get(entity) ?? []).filter(({ from, until }) => from <= at + TOLERANCE_MS && until >= at - TOLERANCE_MS)
      const [only] = nearby
      // Live in exactly one other copy during the whole tolerance around this moment.
      if (nearby.length !== 1 || only === undefined || only.copy === copy || only.from > at - TOLERANCE_MS || only.until < at + TOLERANCE_MS) continue
      reported.add(entity)
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

/** The copies in which each player was live, according to its own client. */
function staysOf(lines: readonly BotEvent[]): Map<number, Stay[]> {
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
