import type { Scenario } from './scenario.ts'

/**
 * Finds the shortest list of events that still breaks the same rule (delta debugging, Zeller 2002): removes parts, large ones first, while the rule stays
 * broken. Runs at most `budget` scenarios. Returns indices into the full list.
 */
export async function shrink(scenario: Scenario, breaks: (kept: Scenario) => Promise<boolean>, budget = 250): Promise<number[]> {
  let keep = scenario.events.map((_, index) => index)
  let left = budget
  for (let size = Math.ceil(keep.length / 2); size >= 1 && left > 0; ) {
    let shorter = false
    for (let start = 0; start < keep.length && left > 0; ) {
      const without = [...keep.slice(0, start), ...keep.slice(start + size)]
      left--
      if (await breaks(only(scenario, without))) {
        keep = without
        shorter = true
      } else start += size
    }
    if (size === 1 && !shorter) break
    size = size === 1 ? 1 : Math.ceil(size / 2)
  }
  return keep
}

/** The scenario with only the events at these indices. */
export function only(scenario: Scenario, keep: readonly number[]): Scenario {
  const kept = new Set(keep)
  return { ...scenario, events: scenario.events.filter((_, index) => kept.has(index)) }
}
