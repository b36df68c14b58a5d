import { type DashboardSpec, quantiles, rate } from './spec.ts'

const MAP = '{map=~"$map"}'

export const world: DashboardSpec = {
  name: 'world',
  title: 'Strata: world',
  about: 'Players and copies of every map, and what the planner does.',
  byMap: true,
  panels: [
    { title: 'Players', about: 'Seats taken.', unit: 'short', stacked: true, queries: [{ expr: `max by (map) (strata_players${MAP})`, legend: '{{map}}' }] },
    {
      title: 'Copies',
      about: 'Copies by state.',
      unit: 'short',
      stacked: true,
      queries: [{ expr: `sum by (state) (max by (map, state) (strata_copies${MAP}))`, legend: '{{state}}' }],
    },
    {
      title: 'Players per copy',
      about: 'The mean over the open copies of a map. Far below the soft cap: many sparse copies; at the cap: a line soon.',
      unit: 'short',
      queries: [{ expr: `max by (map) (strata_players${MAP}) / max by (map) (strata_copies{map=~"$map",state="open"} > 0)`, legend: '{{map}}' }],
    },
    {
      title: 'Seats held',
      about: 'Given to players who have not arrived yet.',
      unit: 'short',
      stacked: true,
      queries: [{ expr: `max by (map) (strata_seats_held${MAP})`, legend: '{{map}}' }],
    },
    {
      title: 'Copies opened and ended',
      about: 'Per second. Reasons: merge, drain, empty and operator are ends in order; failed and lost are not.',
      unit: 'ops',
      queries: [
        { expr: `max(${rate('strata_copies_opened_total')})`, legend: 'opened' },
        { expr: `max by (reason) (${rate('strata_copies_ended_total')})`, legend: 'ended: {{reason}}' },
      ],
    },
    {
      title: 'Time to open a copy',
      about: 'From the decision until players can enter. Above 15 s it has failed.',
      unit: 's',
      limit: 15,
      queries: quantiles('strata_copy_opening_seconds'),
    },
    {
      title: 'Actions of the planner',
      about: 'Per second; each failed one is tried again.',
      unit: 'ops',
      queries: [
        { expr: `sum by (action) (${rate('strata_actions_applied_total')})`, legend: '{{action}}' },
        { expr: `sum by (action) (${rate('strata_actions_failed_total')})`, legend: 'failed: {{action}}' },
      ],
    },
    {
      title: 'Rounds and plans',
      about: 'A round begins each second.',
      unit: 's',
      queries: [...quantiles('strata_round_seconds', { of: [0.99] }), ...quantiles('strata_plan_seconds', { of: [0.99] })].map((query, index) => ({
        ...query,
        legend: `${['round', 'plan'][index]} ${query.legend}`,
      })),
    },
    { title: 'Leaders', about: 'Exactly 1.', unit: 'short', limit: 1, queries: [{ expr: 'sum(strata_leader)', legend: 'leaders' }] },
    {
      title: 'Broken promises',
      about: 'Both stay at 0: seats above a hard cap, and parties that sit apart.',
      unit: 'short',
      queries: [
        { expr: 'max(strata_seats_over_hard_cap)', legend: 'seats over the cap' },
        { expr: 'max(increase(strata_party_splits_total[1h]))', legend: 'parties split in an hour' },
      ],
    },
  ],
}
