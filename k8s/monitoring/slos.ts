/** One promise of the service, measured as the share of events that were good. */
export interface Slo {
  /** Value of the label `slo`. */
  name: string
  /** Name of the alerts. The runbook has a chapter with this name. */
  alert: string
  /** Share of good events that is promised, over 30 days. */
  objective: number
  /** What is promised, as a sentence for players' eyes. */
  promise: string
  /** What counts as a bad event. */
  bad: string
  /** PromQL: rate of bad events, and of all events, over `window`. */
  errors: (window: string) => string
  total: (window: string) => string
}

const slow = (histogram: string, le: string) => (window: string) =>
  `sum(rate(${histogram}_count[${window}])) - sum(rate(${histogram}_bucket{le="${le}"}[${window}]))`
const all = (histogram: string) => (window: string) => `sum(rate(${histogram}_count[${window}]))`

export const slos: readonly Slo[] = [
  {
    name: 'placement-success',
    alert: 'StrataPlacementErrors',
    objective: 0.999,
    promise: 'A request to enter or travel, or a poll of the line, gets an answer that is not a failure of the system.',
    bad: 'an error with a status of 500 and above: a store does not answer, no server is ready, the line is full, the matchmakers are overloaded',
    errors: (window) => `sum(rate(strata_placement_errors_total{fault="system"}[${window}]))`,
    total: (window) => `sum(rate(strata_placements_total{result!="refused"}[${window}])) + sum(rate(strata_placement_errors_total[${window}]))`,
  },
  {
    name: 'placement-latency',
    alert: 'StrataPlacementsTooSlow',
    objective: 0.99,
    promise: 'The copies are ranked and the seats are held within 100 ms.',
    bad: 'a placement that takes longer than 100 ms',
    errors: slow('strata_placement_seconds', '0.1'),
    total: all('strata_placement_seconds'),
  },
  {
    name: 'moves',
    alert: 'StrataMovesFail',
    objective: 0.99,
    promise: 'A move ends with its players in the other copy.',
    bad: 'a move that failed, or whose players the source server claimed back; moves without anybody left to move (cancelled), and moves by operators, do not count',
    errors: (window) => `sum(rate(strata_moves_settled_total{state=~"failed|reclaimed",cause!="operator"}[${window}]))`,
    total: (window) => `sum(rate(strata_moves_settled_total{state!="cancelled",cause!="operator"}[${window}]))`,
  },
  {
    name: 'ticks',
    alert: 'StrataTicksTooLong',
    objective: 0.999,
    promise: 'A simulation step of a copy takes at most 50 ms, the length of a step at 20 steps per second.',
    bad: 'a step that takes longer than 50 ms',
    errors: slow('strata_gameserver_tick_seconds', '0.05'),
    total: all('strata_gameserver_tick_seconds'),
  },
  {
    name: 'line',
    alert: 'StrataLineTooSlow',
    objective: 0.95,
    promise: 'A place in line gets its seat within five minutes.',
    bad: 'a promotion more than five minutes after the arrival; places whose players give up do not count',
    errors: slow('strata_line_wait_seconds', '300'),
    total: all('strata_line_wait_seconds'),
  },
]

/**
 * When an error budget burns too fast. Both windows must exceed the rate: the long one shows that it lasts, the short one that it goes on (Google, The Site
 * Reliability Workbook, chapter 5, table 5-8). `rate` times the length of the long window is the share of the budget of 30 days that is gone by then.
 */
export const burns = [
  { severity: 'page', rate: 14.4, long: '1h', short: '5m', for: '2m', spent: '2 % in one hour' },
  { severity: 'page', rate: 6, long: '6h', short: '30m', for: '15m', spent: '5 % in six hours' },
  { severity: 'ticket', rate: 3, long: '1d', short: '2h', for: '1h', spent: '10 % in a day' },
  { severity: 'ticket', rate: 1, long: '3d', short: '6h', for: '3h', spent: '10 % in three days' },
] as const

export const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const

/** Name of the recorded share of bad events over a window. */
export function ratioName(window: string): string {
  return `strata:slo_errors:ratio_rate${window}`
}
