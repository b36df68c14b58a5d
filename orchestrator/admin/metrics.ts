import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { DirectoryEvent } from '../../directory/directory.ts'
import type { Census } from '../../model/census.ts'
import type { CopyId, FleetName } from '../../model/ids.ts'
import type { MoveCause, MoveOutcome } from '../../model/move.ts'
import type { Policies } from '../../model/policy/policy.ts'
import { callMetrics } from '../../service/observe/dependencies.ts'
import type { CallObserver } from '../../service/observe/measured.ts'
import { startAtZero } from '../../service/observe/zero.ts'
import type { GameServer } from '../cluster/fleets.ts'
import type { Action } from '../plan/action.ts'
import type { RoundObserver } from '../reconcile/round.ts'
import { seatsOverHardCap, type Totals } from './totals.ts'

export interface MetricsInput {
  census: () => Census
  policies: () => Policies
  leading: () => boolean
  totals: Totals
}

const actions: readonly Action['type'][] = ['open', 'close', 'retarget', 'reopen', 'rules', 'move', 'lose', 'scale']
const serverStates: readonly GameServer['state'][] = ['Creating', 'Ready', 'Allocated', 'Unhealthy', 'Shutdown']
const moveCauses: readonly MoveCause[] = ['travel', 'merge', 'drain', 'border', 'reunite', 'relief', 'operator']
const moveStates: readonly MoveOutcome['state'][] = ['done', 'failed', 'cancelled', 'reclaimed']
/** How a copy ended: the reason of its closing, `failed` when it never opened, `lost` with its server. */
const ends = ['merge', 'drain', 'empty', 'operator', 'failed', 'lost'] as const

/** All metrics of the orchestrator. Metrics of the world are equal in the leader and the follower; metrics of rounds exist only in the leader. */
export class OrchestratorMetrics implements RoundObserver {
  readonly #round: Histogram
  readonly #rounds: Counter<'result'>
  readonly #plan: Histogram
  readonly #planned: Counter
  readonly #applied: Counter
  readonly #failed: Counter
  readonly #ordered: Counter
  readonly #settled: Counter
  readonly #forecastError: Gauge
  readonly #saved: Gauge
  readonly #price: Gauge
  readonly #opening: Histogram
  readonly #ended: Counter<'reason'>
  readonly #servers: Gauge<'fleet' | 'state'>
  /** Copies that have not ended, with what they would end as. */
  readonly #alive = new Map<CopyId, (typeof ends)[number]>()

  constructor(registry: Registry, input: MetricsInput) {
    const registers = [registry]
    this.#plan = new Histogram({
      name: 'strata_plan_seconds',
      help: 'Duration of one plan',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
      registers,
    })
    this.#round = new Histogram({
      name: 'strata_round_seconds',
      help: 'Time of one round: read the world, plan, apply',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    })
    this.#rounds = startAtZero(
      new Counter({ name: 'strata_rounds_total', help: 'Rounds of this process while it leads, by result: done or failed', labelNames: ['result'], registers }),
      { result: ['done', 'failed'] },
    )
    this.#planned = new Counter({ name: 'strata_actions_planned_total', help: 'Actions in all plans', registers })
    this.#applied = startAtZero(new Counter({ name: 'strata_actions_applied_total', help: 'Actions applied, by type', labelNames: ['action'], registers }), {
      action: actions,
    })
    this.#failed = startAtZero(
      new Counter({
        name: 'strata_actions_failed_total',
        help: 'Failed attempts of actions, by type; each is tried again',
        labelNames: ['action'],
        registers,
      }),
      { action: actions },
    )
    this.#ordered = new Counter({ name: 'strata_moves_ordered_total', help: 'Moves that this orchestrator ordered', registers })
    this.#settled = startAtZero(
      new Counter({
        name: 'strata_moves_settled_total',
        help: 'Settled moves, by final state and cause',
        labelNames: ['state', 'cause'],
        registers,
      }),
      { state: moveStates, cause: moveCauses },
    )
    this.#opening = new Histogram({
      name: 'strata_copy_opening_seconds',
      help: 'Time from the decision to open a copy until players can enter it',
      buckets: [0.25, 0.5, 1, 2, 5, 10, 15],
      registers,
    })
    this.#ended = startAtZero(
      new Counter({
        name: 'strata_copies_ended_total',
        help: 'Copies that ended, by reason: merge, drain, empty, operator, failed (it never opened), lost (with its server)',
        labelNames: ['reason'],
        registers,
      }),
      { reason: ends },
    )
    this.#servers = new Gauge({
      name: 'strata_servers',
      help: 'Game servers by fleet and state of Agones; counted by the leader in each round',
      labelNames: ['fleet', 'state'],
      registers,
    })
    this.#forecastError = new Gauge({
      name: 'strata_forecast_error_players',
      help: 'By how many players the forecasts one lead time ahead were too low: upper semideviation (square root of twice the mean square of the positive errors) over the last 120 lead times, an hour at 30 s, by map',
      labelNames: ['map'],
      registers,
    })
    this.#saved = new Gauge({
      name: 'strata_budget_saved_hours',
      help: 'What is left of a budget, in hours of its usual allowance; negative when more was spent than allowed',
      labelNames: ['budget'],
      registers,
    })
    this.#price = new Gauge({
      name: 'strata_budget_price_ratio',
      help: 'Price of what a budget pays for, as a factor of the ordinary price: 1 while a budget of the usual size suffices; above 50 the budget cannot be kept',
      labelNames: ['budget'],
      registers,
    })
    worldGauges(registers, input)
    totalGauges(registers, input.totals)
  }

  round(seconds: number, result: 'done' | 'failed'): void {
    this.#round.observe(seconds)
    this.#rounds.inc({ result })
  }
  servers(all: readonly GameServer[]): void {
    const fleets = new Set<FleetName>(all.map(({ fleet }) => fleet))
    this.#servers.reset()
    for (const fleet of fleets) for (const state of serverStates) this.#servers.set({ fleet, state }, 0)
    for (const { fleet, state } of all) this.#servers.inc({ fleet, state })
  }
  planned(seconds: number, actions: number): void {
    this.#plan.observe(seconds)
    this.#planned.inc(actions)
  }
  forecast(errors: ReadonlyMap<string, number>): void {
    this.#forecastError.reset()
    for (const [map, error] of errors) this.#forecastError.set({ map }, error)
  }
  budgets(accounts: ReadonlyMap<string, { savedHours: number; price: number }>): void {
    for (const [budget, { savedHours, price }] of accounts) {
      this.#saved.set({ budget }, savedHours)
      this.#price.set({ budget }, price)
    }
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
    if (event.type === 'copy') {
      const { copy } = event
      if (copy.state === 'open' && this.#alive.get(copy.id) === 'failed') this.#opening.observe(Math.max(0, copy.since - copy.created) / 1_000)
      this.#alive.set(copy.id, copy.state === 'opening' ? 'failed' : copy.state === 'closing' ? copy.reason : 'lost')
    }
    if (event.type === 'copyRemoved') {
      const reason = this.#alive.get(event.copy)
      if (reason !== undefined && this.#alive.delete(event.copy)) this.#ended.inc({ reason })
    }
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
    for (const [map, { copies }] of census().maps) {
      for (const state of ['opening', 'open', 'closing', 'lost'] as const) copiesOf.set({ map, state }, 0)
      for (const { copy } of copies.values()) copiesOf.inc({ map, state: copy.state })
    }
  })
  gauge('strata_players', 'Seats taken, by map', ['map'], (players) => {
    for (const [map, { copies }] of census().maps) {
      let taken = 0
      for (const { seats } of copies.values()) for (const { state } of seats.values()) if (state === 'taken') taken++
      players.set({ map }, taken)
    }
  })
  gauge('strata_line_places', 'Places in line, by map', ['map'], (places) => {
    for (const [map, { waiting }] of census().maps) places.set({ map }, waiting)
  })
  gauge('strata_seats_held', 'Seats held and not taken yet, by map', ['map'], (held) => {
    for (const [map, { copies }] of census().maps) {
      let seats = 0
      for (const copy of copies.values()) for (const { state } of copy.seats.values()) if (state === 'held') seats++
      held.set({ map }, seats)
    }
  })
  gauge('strata_seats_over_hard_cap', 'Seats above the hard caps at this moment; above 0, there is a defect or a cap was lowered', [], (seats) => {
    seats.set(seatsOverHardCap(census(), policies()))
  })
  gauge('strata_leader', '1 while this process leads, else 0', [], (leader) => leader.set(leading() ? 1 : 0))
}

function totalGauges(registers: Registry[], totals: Totals): void {
  const figures = [
    { name: 'strata_copies_opened_total', key: 'copiesOpened', help: 'Copies that opened' },
    { name: 'strata_copies_merged_total', key: 'copiesMerged', help: 'Copies that were removed after a merge' },
    { name: 'strata_party_splits_total', key: 'partySplits', help: 'Parties that sat apart on one map for too long, although a copy had room for them' },
  ] as const
  for (const { name, key, help } of figures) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(totals.get()[key])
      },
    })
  }
}

/** Metrics of the calls to Agones, or to the local fleets. */
export function fleetCalls(registry: Registry): CallObserver {
  return callMetrics(registry, {
    prefix: 'strata_fleets_call',
    calls: ['list', 'allocate', 'giveBack', 'scale', 'drain'],
    what: 'a call to the fleets (Agones)',
    plural: 'Calls to the fleets (Agones)',
  })
}
