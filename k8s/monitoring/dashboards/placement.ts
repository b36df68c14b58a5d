import { type DashboardSpec, quantiles, rate } from './spec.ts'

const MAP = '{map=~"$map"}'

export const placement: DashboardSpec = {
  name: 'placement',
  title: 'Strata: placement and line',
  about: 'How players enter: requests, seats, errors, and the line.',
  byMap: true,
  panels: [
    {
      title: 'Placements',
      about: 'Requests to enter or travel, by result.',
      unit: 'reqps',
      stacked: true,
      queries: [{ expr: `sum by (result) (${rate('strata_placements_total')})`, legend: '{{result}}' }],
    },
    {
      title: 'Errors',
      about: 'Fault system counts against the service level; fault request does not.',
      unit: 'reqps',
      queries: [{ expr: `sum by (code, fault) (${rate('strata_placement_errors_total')})`, legend: '{{code}} ({{fault}})' }],
    },
    { title: 'Time to place', about: 'Ranking, and the atomic step in Redis.', unit: 's', limit: 0.1, queries: quantiles('strata_placement_seconds') },
    {
      title: 'Attempts to hold seats',
      about: 'full: every copy of the ranking was full. no_copy: the ranking allowed none.',
      unit: 'ops',
      queries: [{ expr: `sum by (result) (${rate('strata_seat_holds_total')})`, legend: '{{result}}' }],
    },
    {
      title: 'Places in line',
      about: 'Waiting for a seat.',
      unit: 'short',
      stacked: true,
      queries: [{ expr: `max by (map) (strata_line_places${MAP})`, legend: '{{map}}' }],
    },
    {
      title: 'Promotions',
      about: 'Places that got their seat, per second.',
      unit: 'ops',
      queries: [{ expr: `sum by (map) (${rate(`strata_promotions_total${MAP}`)})`, legend: '{{map}}' }],
    },
    {
      title: 'Wait in line',
      about: 'Time until the seat of players who got one.',
      unit: 's',
      limit: 300,
      queries: quantiles('strata_line_wait_seconds', { matchers: MAP, by: 'map', of: [0.5, 0.95] }),
    },
    {
      title: 'Requests',
      about: 'Answered requests of the HTTP API, by class of the status.',
      unit: 'reqps',
      queries: [{ expr: `sum by (status) (${rate('strata_http_requests_total{service="matchmaker"}')})`, legend: '{{status}}' }],
    },
    {
      title: 'Refused by a limit',
      about: 'By address, by session, or by load.',
      unit: 'reqps',
      queries: [{ expr: `sum by (by) (${rate('strata_requests_limited_total')})`, legend: '{{by}}' }],
    },
    {
      title: 'Requests in work',
      about: 'Per matchmaker. At REQUESTS_AT_ONCE (200) further ones are refused.',
      unit: 'short',
      limit: 200,
      queries: [{ expr: 'strata_requests_running', legend: '{{pod}}' }],
    },
    {
      title: 'Service levels',
      about: 'Share of bad events over an hour; above the budget (1 minus the objective) it burns too fast.',
      unit: 'percentunit',
      queries: [{ expr: 'strata:slo_errors:ratio_rate1h', legend: '{{slo}}' }],
    },
    {
      title: 'Decisions not stored yet',
      about: 'Grows while PostgreSQL is slow.',
      unit: 'short',
      queries: [{ expr: 'strata_decisions_queued', legend: '{{pod}}' }],
    },
  ],
}
