import { type DashboardSpec, quantiles, rate } from './spec.ts'

export const fleets: DashboardSpec = {
  name: 'fleets',
  title: 'Strata: servers and fleets',
  about: 'Game servers, Agones, and the processes themselves.',
  panels: [
    {
      title: 'Servers',
      about: 'By state of Agones. Ready 0 for long: no copy can open.',
      unit: 'short',
      stacked: true,
      queries: [{ expr: 'max by (fleet, state) (strata_servers)', legend: '{{fleet}} {{state}}' }],
    },
    { title: 'Copies per server', about: 'Copies that each server hosts.', unit: 'short', queries: [{ expr: 'strata_gameserver_copies', legend: '{{pod}}' }] },
    {
      title: 'Characters per server',
      about: 'Characters that are live on each server.',
      unit: 'short',
      queries: [{ expr: 'strata_gameserver_characters', legend: '{{pod}}' }],
    },
    {
      title: 'Calls to the fleets',
      about: 'By the orchestrator: to Agones, or to local processes.',
      unit: 's',
      queries: quantiles('strata_fleets_call_seconds', { by: 'call', of: [0.99] }),
    },
    {
      title: 'Calls to the sidecars',
      about: 'By game servers, to Agones.',
      unit: 's',
      queries: quantiles('strata_agones_call_seconds', { by: 'call', of: [0.99] }),
    },
    {
      title: 'Failed calls to Agones',
      about: 'By the orchestrator, and by servers to their sidecars.',
      unit: 'ops',
      queries: [
        { expr: `sum by (call) (${rate('strata_fleets_call_failures_total')})`, legend: 'orchestrator: {{call}}' },
        { expr: `sum by (call) (${rate('strata_agones_call_failures_total')})`, legend: 'server: {{call}}' },
      ],
    },
    {
      title: 'Copies that did not end in order',
      about: 'In an hour: lost with their server, or never opened.',
      unit: 'short',
      queries: [{ expr: 'max by (reason) (increase(strata_copies_ended_total{reason=~"lost|failed"}[1h]))', legend: '{{reason}}' }],
    },
    {
      title: 'CPU',
      about: 'Seconds of CPU per second.',
      unit: 'percentunit',
      queries: [{ expr: `sum by (service, pod) (${rate('process_cpu_seconds_total{service=~"gameserver|matchmaker|orchestrator"}')})`, legend: '{{pod}}' }],
    },
    {
      title: 'Event loop',
      about: '99th percentile of the delay of Node’s event loop.',
      unit: 's',
      limit: 0.05,
      queries: [{ expr: 'nodejs_eventloop_lag_p99_seconds{service=~"gameserver|matchmaker|orchestrator"}', legend: '{{pod}}' }],
    },
    {
      title: 'Clocks',
      about: 'How far each process is behind the clock of Redis. Beyond 2 s tickets are refused.',
      unit: 's',
      limit: 2,
      signed: true,
      queries: [{ expr: 'strata_clock_offset_seconds', legend: '{{pod}}' }],
    },
    {
      title: 'Targets that are down',
      about: 'Pods whose metrics Prometheus cannot read.',
      unit: 'short',
      queries: [{ expr: 'count by (job) (up{job=~".*strata.*"} == 0) or sum by (job) (0 * up{job=~".*strata.*"})', legend: '{{job}}' }],
    },
  ],
}
