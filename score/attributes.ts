import type { CopyCensus, MapCensus } from '../model/census.ts'
import type { PlacementMember, PlacementRequest } from '../model/placement/placement.ts'
import type { AttributeRule } from '../model/policy/policy.ts'

type Value = string | number
type Counts = ReadonlyMap<Value, number>

/**
 * For each member with a value: the mean match with everybody on the map, which an empty copy gets, and the number of players on the map who share
 * the value.
 */
export type AttributeView = readonly { value: Value; mean: number; sharedBy: number }[]

export function attributeViewOf({ members }: PlacementRequest, map: MapCensus, rule: AttributeRule): AttributeView {
  return members.flatMap((member) => {
    const value = ownValue(rule, member)
    if (value === undefined) return []
    let [sum, known, sharedBy] = [0, 0, 0]
    for (const { attributes, seats } of map.copies.values()) {
      const counts = attributes?.get(rule.name)
      sharedBy += counts?.get(value) ?? 0
      // `same` needs only where players with the same value are, not how many others there are.
      if (rule.prefer === 'same' && rule.missing === undefined) continue
      const inside = sumOfMatches(rule, value, counts, seats.size)
      sum += inside.sum
      known += inside.known
    }
    return { value, mean: known === 0 ? 0 : sum / known, sharedBy }
  })
}

/**
 * How well the members' values match those inside one copy, 0..1 per member: `near` and `far` by distance over the range, `same` and `different` by
 * equality. A missing value is what the rule says; without such a rule it counts for nothing: a member without a value gets 0 in every copy. A copy
 * where nobody has a value gets the map's mean, so it is neither preferred nor avoided.
 * `same` is the share of matching players on the map who are in this copy, as with guilds. This gathers them in one copy, whereas the share within
 * the copy would be satisfied by a few in each. `prior`, in players, keeps a few players in a copy from attracting others.
 */
export function attributeSignal(rule: AttributeRule, view: AttributeView, { attributes, seats }: CopyCensus, prior: number): number {
  let sum = 0
  for (const { value, mean, sharedBy } of view) {
    const counts = attributes?.get(rule.name)
    if (rule.prefer === 'same' && rule.missing === undefined) {
      sum += (counts?.get(value) ?? 0) / (sharedBy + prior)
      continue
    }
    const inside = sumOfMatches(rule, value, counts, seats.size)
    sum += (inside.sum + prior * mean) / (inside.known + prior)
  }
  return sum
}

/** The member's value. A value of the wrong type, such as text where numbers are compared, counts as missing. */
function ownValue(rule: AttributeRule, { holder }: PlacementMember): Value | undefined {
  const value = holder.attributes?.[rule.name]
  return value !== undefined && hasRightType(rule, value) ? value : rule.missing
}

function hasRightType({ prefer }: AttributeRule, value: Value): boolean {
  return prefer === 'near' || prefer === 'far' ? typeof value === 'number' && Number.isFinite(value) : typeof value === 'string'
}

function sumOfMatches(rule: AttributeRule, value: Value, counts: Counts | undefined, population: number): { sum: number; known: number } {
  let [sum, known] = [0, 0]
  for (const [other, count] of counts ?? []) {
    if (!hasRightType(rule, other)) continue
    sum += count * match(rule, value, other)
    known += count
  }
  if (rule.missing === undefined) return { sum, known }
  return { sum: sum + (population - known) * match(rule, value, rule.missing), known: population }
}

function match({ prefer, range }: AttributeRule, a: Value, b: Value): number {
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
