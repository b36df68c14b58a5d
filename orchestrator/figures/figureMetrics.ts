import { Counter, type Registry } from 'prom-client'
import type { DaySums } from '../../score/day/daySums.ts'

/** Each figure is the rate of one sum over the rate of another; docs/how-to/live-figures.md has the queries. */
export const figureCounters: readonly { name: string; help: string; of: keyof DaySums }[] = [
  { name: 'strata_guild_pairs_together_seconds_total', help: 'Pair-seconds of guild-mates in one copy', of: 'guildSame' },
  { name: 'strata_guild_pairs_seconds_total', help: 'Pair-seconds of guild-mates on one map', of: 'guildAll' },
  { name: 'strata_friend_pairs_together_seconds_total', help: 'Pair-seconds of friends in one copy', of: 'friendSame' },
  { name: 'strata_friend_pairs_seconds_total', help: 'Pair-seconds of friends on one map', of: 'friendAll' },
  { name: 'strata_party_pairs_together_seconds_total', help: 'Pair-seconds of party members in one copy', of: 'partySame' },
  { name: 'strata_party_pairs_seconds_total', help: 'Pair-seconds of party members on one map', of: 'partyAll' },
  { name: 'strata_own_language_seconds_total', help: "Player-seconds times the share of the copy that speaks the player's language", of: 'language' },
  { name: 'strata_own_language_best_seconds_total', help: 'The same, the best that was possible with as many copies', of: 'languageBest' },
  { name: 'strata_player_seconds_total', help: 'Player-seconds on layered maps', of: 'players' },
  { name: 'strata_low_fill_player_seconds_total', help: 'Player-seconds in copies below a fifth of the hard cap while another copy had room', of: 'lowFill' },
  { name: 'strata_copy_seconds_total', help: 'Copy-seconds of layered maps', of: 'copies' },
  { name: 'strata_needed_copy_seconds_total', help: 'Copy-seconds that the players needed: players by hard cap, rounded up, at least one a map', of: 'need' },
  { name: 'strata_forced_moves_total', help: 'Characters that merges, drains, reunions and relief moved', of: 'moves' },
  { name: 'strata_short_map_minutes_total', help: 'Minutes with a line, summed over the maps', of: 'shortMinutes' },
  { name: 'strata_map_seconds_total', help: 'Seconds measured, times the number of layered maps', of: 'mapSeconds' },
]

/** Publishes the sums of the leader. A follower's stay as they are, so the sum over all orchestrators counts each second once. */
export function figureMetrics(registry: Registry, sums: () => DaySums): void {
  for (const { name, help, of } of figureCounters) {
    new Counter({
      name,
      help: `${help}; counted by the leader`,
      registers: [registry],
      collect() {
        this.reset()
        this.inc(sums()[of])
      },
    })
  }
}
