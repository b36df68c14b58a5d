import type { CopyCensus, MapCensus } from '../../model/census.ts'
import type { PlacementMember, PlacementRequest } from '../../model/placement/placement.ts'
import type { AttributeRule } from '../../model/policy/policy.ts'

type Value = string | number
type Counts = ReadonlyMap<Value, number>

/** How many unknown people a copy is thought to hold when it is judged: the first two arrivals do not make it a copy of one kind. */
export const PRIOR = 8

/** Of each member who has a value: how well it goes with those on the whole map, which is what an empty copy gets, and how many share it. */
export type AttributeView = readonly { value: Value; mean: number; alike: number }[]

export function attributeViewOf({ members }: PlacementRequest, map: MapCensus, rule: AttributeRule): AttributeView {
  return members.flatMap((member) => {
    const value = ownValue(rule, member)
    if (value === undefined) return []
    let [sum, known, alike] = [0, 0, 0]
    for (const { attributes, seats } of map.copies.values()) {
      const counts = attributes?.get(rule.name)
      alike += counts?.get(value) ?? 0
      // Whoever wants to be among their like asks where those are, and not how many others there are.
      if (rule.prefer === 'same' && rule.missing === undefined) continue
      const inside = accord(rule, value, counts, seats.size)
      sum += inside.sum
      known += inside.known
    }
    return { value, mean: known === 0 ? 0 : sum / known, alike }
  })
}

/**
 * How well the members' values go with those inside one copy, 0..1 for each member: near and far by distance over the range, same and
 * different by equality. Missing values are what the rule says, else they count for nothing on either side: who has none gets 0
 * everywhere, which decides nothing. A copy where nobody has one gets the map's own mean, so that it is neither sought nor shunned. Same
 * is the share of their like on the map who are in this copy, as with guilds: that brings them together in one, where the share of
 * the copy would be content with a few in each. Of a few who happen to be here nobody's home is made: the prior is on that share, too.
 */
export function attributeSignal(rule: AttributeRule, view: AttributeView, { attributes, seats }: CopyCensus): number {
  let sum = 0
  for (const { value, mean, alike } of view) {
    const counts = attributes?.get(rule.name)
    if (rule.prefer === 'same' && rule.missing === undefined) {
      sum += (counts?.get(value) ?? 0) / (alike + PRIOR)
      continue
    }
    const inside = accord(rule, value, counts, seats.size)
    sum += (inside.sum + PRIOR * mean) / (inside.known + PRIOR)
  }
  return sum
}

/** A value of the wrong kind, such as a text where numbers are compared, is a missing one. */
function ownValue(rule: AttributeRule, { holder }: PlacementMember): Value | undefined {
  const value = holder.attributes?.[rule.name]
  return value !== undefined && fitting(rule, value) ? value : rule.missing
}

function fitting({ prefer }: AttributeRule, value: Value): boolean {
  return prefer === 'near' || prefer === 'far' ? typeof value === 'number' && Number.isFinite(value) : typeof value === 'string'
}

function accord(rule: AttributeRule, value: Value, counts: Counts | undefined, population: number): { sum: number; known: number } {
  let [sum, known] = [0, 0]
  for (const [other, count] of counts ?? []) {
    if (!fitting(rule, other)) continue
    sum += count * harmony(rule, value, other)
    known += count
  }
  if (rule.missing === undefined) return { sum, known }
  return { sum: sum + (population - known) * harmony(rule, value, rule.missing), known: population }
}

function harmony({ prefer, range }: AttributeRule, a: Value, b: Value): number {
  switch (prefer) {
    case 'same':
      return a === b ? 1 : 0
    case 'different':
      return a === b ? 0 : 1
    case 'near':
      return 1 - Math.min(1, Math.abs(Number(a) - Number(b)) / range)
    case 'far':
      return Math.min(1, Math.abs(Number(a) - Number(b)) / range)
  }
}
