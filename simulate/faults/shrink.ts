import type { Scenario } from './scenario.ts'

/**
 * The shortest list of happenings that still breaks the same rule (delta debugging, Zeller 2002): parts are left out,
 * large ones first, for as long as the rule stays broken. `keep` are places in the full list.
 */
export async function shrink(scenario: Scenario, breaks: (kept: Scenario) => Promise<boolean>, budget = 250): Promise<number[]> {
  let keep = scenario.happenings.map((_, index) => index)
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

/** The scenario with these happenings only. */
export function only(scenario: Scenario, keep: readonly number[]): Scenario {
  const kept = new Set(keep)
  return { ...scenario, happenings: scenario.happenings.filter((_, index) => kept.has(index)) }
}
