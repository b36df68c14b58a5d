import { type DashboardSpec, quantiles, rate } from './spec.ts'

export const rooms: DashboardSpec = {
  name: 'rooms',
  title: 'Strata: rooms',
  about: 'Simulation, snapshots, chat and the door of the game servers.',
  panels: [
    { title: 'Simulation steps', about: 'A step has 50 ms.', unit: 's', limit: 0.05, queries: quantiles('strata_gameserver_tick_seconds') },
    {
      title: 'Slowest servers',
      about: '99th percentile of the steps, the five worst.',
      unit: 's',
      limit: 0.05,
      queries: [{ expr: `topk(5, histogram_quantile(0.99, sum by (le, pod) (${rate('strata_gameserver_tick_seconds_bucket')})))`, legend: '{{pod}}' }],
    },
    {
      title: 'How late steps begin',
      about: 'Rises when other processes or the pod’s limit take the CPU.',
      unit: 's',
      queries: quantiles('strata_gameserver_step_lag_seconds'),
    },
    {
      title: 'Short of CPU',
      about: '1 thins what is far, 2 halves the snapshots, 3 takes no newcomers, 4 asks for relief.',
      unit: 'short',
      queries: [{ expr: 'max by (pod) (strata_gameserver_load_level)', legend: '{{pod}}' }],
    },
    {
      title: 'Share of the thread',
      about: 'What the steps of the copies of one server use.',
      unit: 'percentunit',
      limit: 1,
      queries: [{ expr: 'sum by (pod) (strata_gameserver_copy_share)', legend: '{{pod}}' }],
    },
    {
      title: 'Steps with measures',
      about: 'Per second: snapshots at half the rate, and steps left out.',
      unit: 'ops',
      queries: [
        { expr: `sum(${rate('strata_gameserver_strained_steps_total')})`, legend: 'half the snapshots' },
        { expr: `sum(${rate('strata_gameserver_skipped_steps_total')})`, legend: 'left out' },
      ],
    },
    {
      title: 'Snapshots',
      about: 'Bytes sent to clients.',
      unit: 'Bps',
      queries: [{ expr: `sum(${rate('strata_gameserver_snapshot_bytes_total')})`, legend: 'all servers' }],
    },
    {
      title: 'Refused or disconnected',
      about: 'Clients by error code.',
      unit: 'ops',
      queries: [{ expr: `sum by (code) (${rate('strata_gameserver_refusals_total')})`, legend: '{{code}}' }],
    },
    {
      title: 'Messages dropped',
      about: 'From clients that send too many, and to clients that get too many.',
      unit: 'ops',
      queries: [{ expr: `sum by (what) (${rate('strata_gameserver_dropped_messages_total')})`, legend: '{{what}}' }],
    },
    {
      title: 'Unfair play',
      about: 'Violations by kind.',
      unit: 'ops',
      queries: [{ expr: `sum by (kind) (${rate('strata_gameserver_violations_total')})`, legend: '{{kind}}' }],
    },
    {
      title: 'Errors of game code',
      about: 'Exceptions by hook; the logs have the stacks.',
      unit: 'ops',
      queries: [{ expr: `sum by (hook) (${rate('strata_gameserver_errors_total')})`, legend: '{{hook}}' }],
    },
    {
      title: 'Chat',
      about: 'Messages said, by result, and their deliveries.',
      unit: 'ops',
      queries: [
        { expr: `sum by (result) (${rate('strata_chat_messages_total')})`, legend: 'said: {{result}}' },
        { expr: `sum by (result) (${rate('strata_chat_deliveries_total')})`, legend: 'delivered: {{result}}' },
      ],
    },
    { title: 'Delay of chat', about: 'From server to server.', unit: 's', limit: 0.5, queries: quantiles('strata_chat_delay_seconds') },
    { title: 'Sockets', about: 'Open at the doors.', unit: 'short', queries: [{ expr: 'sum(strata_gameserver_sockets)', legend: 'all servers' }] },
  ],
}
