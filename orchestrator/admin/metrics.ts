import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { DirectoryEvent } from '../../directory/directory.ts'
import type { Census } from '../../model/census.ts'
import type { Policies } from '../../model/policy/policy.ts'
import type { RoundObserver } from '../reconcile/round.ts'
import { seatsOverHardCap, type Totals } from './totals.ts'

export interface MetricsInput {
  census: () => Census
  policies: () => Policies
  leading: () => boolean
  totals: Totals
}

/** All metrics of the orchestrator. Metrics of the world are equal in the leader and the follower; metrics of rounds exist only in the leader. */
export class OrchestratorMetrics implements RoundObserver {
  readonly #plan: Histogram
  readonly #planned: Counter
  readonly #applied: Counter
  readonly #failed: Counter
  readonly #ordered: Counter
  readonly #settled: Counter
  readonly #forecastError: Gauge

  constructor(registry: Registry, input: MetricsInput) {
    const registers = [registry]
    this.#plan = new Histogram({
      name: 'strata_plan_seconds',
      help: 'Duration of one plan',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
      registers,
    })
    this.#planned = new Counter({ name: 'strata_actions_planned_total', help: 'Actions in all plans', registers })
    this.#applied = new Counter({ name: 'strata_actions_applied_total', help: 'Actions applied, by type', labelNames: ['action'], registers })
    this.#failed = new Counter({
      name: 'strata_actions_failed_total',
      help: 'Failed attempts of actions, by type; each is tried again',
      labelNames: ['action'],
      registers,
    })
    this.#ordered = new Counter({ name: 'strata_moves_ordered_total', help: 'Moves that this orchestrator ordered', registers })
    this.#settled = new Counter({
      name: 'strata_moves_settled_total',
      help: 'Settled moves, by final state and cause',
      labelNames: ['state', 'cause'],
      registers,
    })
    this.#forecastError = new Gauge({
      name: 'strata_forecast_error_players',
      help: 'By how many players the forecasts one lead time ahead were too low: upper semideviation (square root of twice the mean square of the positive errors) over the last 120 lead times, an hour at 30 s, by map',
      labelNames: ['map'],
      registers,
    })
    worldGauges(registers, input)
    totalGauges(registers, input.totals)
  }

  planned(seconds: number, actions: number): void {
    this.#plan.observe(seconds)
    this.#planned.inc(actions)
  }
  forecast(errors: ReadonlyMap<string, number>): void {
    this.#forecastError.reset()
    for (const [map, error] of errors) this.#forecastError.set({ map }, error)
  }
  applied(action: string): void {
    this.#applied.inc({ action })
  }
  failed(action: string): void {
    this.#failed.inc({ action })
  }
  moveOrdered(): void {
    this.#ordered.inc()
  }
  onEvent(event: DirectoryEvent): void {
    if (event.type === 'moveSettled') this.#settled.inc({ state: event.outcome.state, cause: event.outcome.cause })
  }
}

/** Gauges that are read from the state of this process when they are scraped. */
function worldGauges(registers: Registry[], { census, policies, leading }: MetricsInput): void {
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[], read: (gauge: Gauge<Label>) => void): void => {
    const made: Gauge<Label> = new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        made.reset()
        read(made)
      },
    })
  }
  gauge('strata_copies', 'Copies, by map and state', ['map', 'state'], (copiesOf) => {
    for (const [map, { copies }] of census().maps) for (const { copy } of copies.values()) copiesOf.inc({ map, state: copy.state })
  })
  gauge('strata_players', 'Seats taken, by map', ['map'], (players) => {
    for (const [map, { copies }] of census().maps) {
      let taken = 0
      for (const { seats } of copies.values()) for (const { state } of seats.values()) if (state === 'taken') taken++
      players.set({ map }, taken)
    }
  })
  gauge('strata_waiting', 'Places in line, by map', ['map'], (places) => {
    for (const [map, { waiting }] of census().maps) places.set({ map }, waiting)
  })
  gauge('strata_seats_over_hard_cap', 'Seats above the hard caps at this moment; above 0, there is a defect or a cap was lowered', [], (seats) => {
    seats.set(seatsOverHardCap(census(), policies()))
  })
  gauge('strata_leader', '1 while this process leads, else 0', [], (leader) => leader.set(leading() ? 1 : 0))
}

function totalGauges(registers: Registry[], totals: Totals): void {
  const figures = [
    { name: 'strata_copies_opened_total', key: 'copiesOpened', help: 'Copies opened' },
    { name: 'strata_copies_merged_total', key: 'copiesMerged', help: 'Copies removed after a merge' },
    { name: 'strata_party_splits', key: 'partySplits', help: 'Parties that sat apart on one map for too long, although a copy had room for them' },
  ] as const
  for (const { name, key, help } of figures) {
    // The figures only grow. A name ends in `_total` exactly when it is a counter.
    const Kind = name.endsWith('_total') ? Counter : Gauge
    new Kind({
      name,
      help: `${help} since this process started`,
      registers,
      collect() {
        this.reset()
        this.inc(totals.get()[key])
      },
    })
  }
}
