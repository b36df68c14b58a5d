import type { DurationMs } from '../../../model/clock.ts'
import type { GuildId, MapName } from '../../../model/ids.ts'
import type { PlanInput } from '../action.ts'
import type { Mates } from './companyShare.ts'

const EVERY_MS: DurationMs = 30_000
/** Of each measurement so much is believed: what is remembered is ten minutes old, about. */
const LEARNING = 0.05
/** So many people without a guild are thought to be on every map: two who meet are no habit. */
const PRIOR_PLAYERS = 20
/** A round walks over the guilds of so many copies at most, and goes on in the next one (bench planner). */
const COPIES_A_ROUND = 1_000

/** How many guild-mates people have around them on each map, in whichever copies: what the planner does with copies does not change it. */
export function measureMates({ census, policies, memory, now }: PlanInput): ReadonlyMap<MapName, Mates> {
  const known = new Map<MapName, Mates>()
  let left = COPIES_A_ROUND
  for (const [map, { kind }] of policies) {
    const last = memory.mates?.get(map)
    if (left <= 0 || kind === 'instance' || (last !== undefined && now - last.at < EVERY_MS)) {
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
    let met = 0
    for (const members of guilds.values()) met += members * (members - 1)
    const mean = met / (players + PRIOR_PLAYERS)
    known.set(map, { mean: last === undefined ? mean : last.mean + LEARNING * (mean - last.mean), at: now })
  }
  return known
}
