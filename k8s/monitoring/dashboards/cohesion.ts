import type { DashboardSpec, PanelSpec } from './spec.ts'

const share = (part: string, whole: string): string => `sum(rate(${part}[1h])) / sum(rate(${whole}[1h]))`
const together = (what: string, title: string): PanelSpec => ({
  title,
  about: 'Share of the pairs on one map that are in one copy, over the last hour. Compare it with the line of the same name in the output of npm run simulate.',
  unit: 'percentunit',
  queries: [{ expr: share(`strata_${what}_pairs_together_seconds_total`, `strata_${what}_pairs_seconds_total`), legend: 'together' }],
})

/** The figures that the simulator promises, of the running world; docs/how-to/live-figures.md explains each. */
export const cohesion: DashboardSpec = {
  name: 'cohesion',
  title: 'Strata: promises of the simulator',
  about: 'The figures of npm run simulate, measured on the running world (docs/how-to/live-figures.md).',
  panels: [
    together('guild', 'Guild-mates in one copy'),
    together('friend', 'Friends in one copy'),
    together('party', 'Parties in one copy'),
    {
      title: 'Own-language share',
      about: 'Of the best that was possible with as many copies.',
      unit: 'percentunit',
      queries: [{ expr: share('strata_own_language_seconds_total', 'strata_own_language_best_seconds_total'), legend: 'share' }],
    },
    {
      title: 'Forced moves a player-hour',
      about: 'By merges, drains and reunions.',
      unit: 'short',
      queries: [{ expr: `3600 * ${share('strata_forced_moves_total', 'strata_player_seconds_total')}`, legend: 'moves' }],
    },
    {
      title: 'Copies over need',
      about: 'Above what the players need by the hard cap.',
      unit: 'percentunit',
      signed: true,
      queries: [{ expr: `${share('strata_copy_seconds_total', 'strata_needed_copy_seconds_total')} - 1`, legend: 'over need' }],
    },
    {
      title: 'Player-time in low fill',
      about: 'In copies below a fifth of the hard cap.',
      unit: 'percentunit',
      queries: [{ expr: share('strata_low_fill_player_seconds_total', 'strata_player_seconds_total'), legend: 'low fill' }],
    },
    {
      title: 'Map-minutes with a line',
      about: 'Share of the time of all maps.',
      unit: 'percentunit',
      queries: [{ expr: `60 * ${share('strata_short_map_minutes_total', 'strata_map_seconds_total')}`, legend: 'with a line' }],
    },
    {
      title: 'Error of the forecasts',
      about: 'By how many players they were too low, over the last hour.',
      unit: 'short',
      queries: [{ expr: 'max by (map) (strata_forecast_error_players)', legend: '{{map}}' }],
    },
  ],
}
