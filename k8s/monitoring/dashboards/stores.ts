import { type DashboardSpec, quantiles, rate } from './spec.ts'

export const stores: DashboardSpec = {
  name: 'stores',
  title: 'Strata: PostgreSQL and Redis',
  about: 'Every call to the stores, as the processes see it.',
  panels: [
    {
      title: 'Calls to PostgreSQL',
      about: 'Per second, by service.',
      unit: 'ops',
      queries: [{ expr: `sum by (service) (${rate('strata_store_call_seconds_count')})`, legend: '{{service}}' }],
    },
    {
      title: 'Time of calls to PostgreSQL',
      about: '99th percentile by part of the store.',
      unit: 's',
      queries: quantiles('strata_store_call_seconds', { by: 'part', of: [0.99] }),
    },
    {
      title: 'Failures of PostgreSQL',
      about: 'By error code; codes of refusals are answers, not failures of the database.',
      unit: 'ops',
      queries: [{ expr: `sum by (service, code) (${rate('strata_store_failures_total')})`, legend: '{{service}} {{code}}' }],
    },
    {
      title: 'Calls to Redis',
      about: 'Per second, by call.',
      unit: 'ops',
      queries: [{ expr: `sum by (call) (${rate('strata_directory_call_seconds_count')})`, legend: '{{call}}' }],
    },
    {
      title: 'Time of calls to Redis',
      about: '99th percentile by call.',
      unit: 's',
      queries: quantiles('strata_directory_call_seconds', { by: 'call', of: [0.99] }),
    },
    {
      title: 'Failures of Redis',
      about: 'By call and error code.',
      unit: 'ops',
      queries: [{ expr: `sum by (call, code) (${rate('strata_directory_call_failures_total')})`, legend: '{{call}} {{code}}' }],
    },
    {
      title: 'Saves',
      about: 'Characters saved per second. failed: nothing is lost until the server ends.',
      unit: 'ops',
      queries: [{ expr: `sum by (result) (${rate('strata_gameserver_saves_total')})`, legend: '{{result}}' }],
    },
    { title: 'Time of a save', about: 'All characters of one copy.', unit: 's', queries: quantiles('strata_gameserver_save_seconds') },
    {
      title: 'Decisions',
      about: 'Waiting for PostgreSQL, and lost in an hour.',
      unit: 'short',
      queries: [
        { expr: 'sum(strata_decisions_queued)', legend: 'waiting' },
        { expr: 'sum(increase(strata_decisions_dropped_total[1h]))', legend: 'lost' },
      ],
    },
  ],
}
