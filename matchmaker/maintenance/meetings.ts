import type { CopyCensus } from '../../model/census.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { Random } from '../../model/random.ts'

/**
 * Neighbours on either side in a random order that is drawn each time. A copy of at most 13 characters meets completely; in a larger one each
 * character meets 12.
 */
const NEIGHBOURS = 6

/**
 * Who met whom in one copy during `minutes`: every pair in a small copy, a random sample in a large one, and always every pair of one party. Meetings
 * are symmetric.
 */
export function meetingsIn({ seats }: CopyCensus, minutes: number, random: Random): Map<CharacterId, Record<CharacterId, number>> {
  const inside = [...seats.values()].filter(({ state }) => state === 'taken')
  const meetings = new Map<CharacterId, Record<CharacterId, number>>(inside.map(({ character }) => [character, {}]))
  const meet = (a: CharacterId, b: CharacterId): void => {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const met = meetings.get(one)
      if (met !== undefined && one !== other) met[other] = minutes
    }
  }
  const ring = shuffled(
    inside.map(({ character }) => character),
    random,
  )
  ring.forEach((character, index) => {
    for (let step = 1; step <= NEIGHBOURS; step++) meet(character, ring[(index + step) % ring.length] ?? character)
  })
  for (const party of Map.groupBy(inside, ({ party }) => party)) {
    if (party[0] !== undefined) for (const a of party[1]) for (const b of party[1]) meet(a.character, b.character)
  }
  for (const [character, met] of meetings) if (Object.keys(met).length === 0) meetings.delete(character)
  return meetings
}

/** Fisher–Yates shuffle of a copy of `items`. */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const all = [...items]
  for (let last = all.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const [a, b] = [all[last], all[other]]
    if (a === undefined || b === undefined) continue
    all[last] = b
    all[other] = a
  }
  return all
}
