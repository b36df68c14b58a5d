import { type DashboardSpec, quantiles, rate } from './spec.ts'

export const moves: DashboardSpec = {
  name: 'moves',
  title: 'Strata: moves',
  about: 'How players get from copy to copy without a loading screen.',
  panels: [
    {
      title: 'Moves by cause',
      about: 'Settled moves per second.',
      unit: 'ops',
      stacked: true,
      queries: [{ expr: `max by (cause) (sum by (pod, cause) (${rate('strata_moves_settled_total')}))`, legend: '{{cause}}' }],
    },
    {
      title: 'Moves by outcome',
      about: 'failed and reclaimed: the players stayed where they were. cancelled: nobody was left to move.',
      unit: 'ops',
      queries: [{ expr: `max by (state) (sum by (pod, state) (${rate('strata_moves_settled_total')}))`, legend: '{{state}}' }],
    },
    {
      title: 'Moves ordered',
      about: 'By the planner, and by travelling players.',
      unit: 'ops',
      queries: [
        { expr: `sum(${rate('strata_moves_ordered_total')})`, legend: 'planner' },
        { expr: `sum(${rate('strata_travel_moves_total')})`, legend: 'travel' },
      ],
    },
    {
      title: 'Time of a move',
      about: 'From the order to the end. Busy players and borders take long on purpose.',
      unit: 's',
      queries: quantiles('strata_gameserver_move_seconds', { by: 'cause', of: [0.5] }),
    },
    {
      title: 'Time frozen',
      about: 'Inputs have no effect until the database has released the party.',
      unit: 's',
      limit: 0.1,
      queries: quantiles('strata_gameserver_release_seconds'),
    },
    {
      title: 'Time to claim',
      about: 'From the message activate until the character is live at the destination.',
      unit: 's',
      limit: 0.1,
      queries: quantiles('strata_gameserver_claim_seconds'),
    },
    {
      title: 'Time to join',
      about: 'From the connection until the character is live, or on standby.',
      unit: 's',
      queries: quantiles('strata_gameserver_join_seconds', { by: 'kind' }),
    },
    {
      title: 'Forced moves per player-hour',
      about: 'By merges, drains and reunions.',
      unit: 'short',
      queries: [{ expr: '3600 * sum(rate(strata_forced_moves_total[1h])) / sum(rate(strata_player_seconds_total[1h]))', legend: 'moves' }],
    },
  ],
}
