import type { DurationMs } from '../../../model/clock.ts'
import type { GuildId, MapName } from '../../../model/ids.ts'
import { CONSTANTS } from '../../../score/constants.ts'
import type { PlanInput } from '../action.ts'
import type { Mates } from './companyShare.ts'

/** Pause between two measurements of one map. */
const MEASURE_EVERY_MS: DurationMs = 30_000
/** About the most copies that one round reads; the next round goes on with the other maps (`bench/planner`). */
const COPIES_PER_ROUND = 1_000

/** Measures the mean number of guild-mates per player on each map, over all its copies, so that opening and merging copies does not change the result. */
export function measureMates({ census, policies, memory, now, constants = CONSTANTS }: PlanInput): ReadonlyMap<MapName, Mates> {
  const known = new Map<MapName, Mates>()
  let left = COPIES_PER_ROUND
  for (const [map, { kind }] of policies) {
    const last = memory.maps.get(map)?.mates
    if (left <= 0 || kind === 'instance' || (last !== undefined && now - last.at < MEASURE_EVERY_MS)) {
      if (last !== undefined) known.set(map, last)
      continue
    }
    const copies = census.maps.get(map)?.copies ?? new Map<never, never>()
    left -= copies.size
    const guilds = new Map<GuildId, number>()
    let players = 0
    for (const copy of copies.values()) {
      players += copy.seats.size
      for (const [guild, members] of copy.guilds) guilds.set(guild, (guilds.get(guild) ?? 0) + members)
    }
    let pairs = 0
    for (const members of guilds.values()) pairs += members * (members - 1)
    const mean = pairs / (players + constants.matesPriorPlayers)
    known.set(map, { mean: last === undefined ? mean : last.mean + constants.matesLearning * (mean - last.mean), at: now })
  }
  return known
}
