import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** The Prometheus metrics of one game server. */
export type GameServerMetrics = ReturnType<typeof createGameServerMetrics>

export function createGameServerMetrics(registry: Registry) {
  const registers = [registry]
  return {
    copies: new Gauge({ name: 'strata_gameserver_copies', help: 'Copies that this server hosts.', registers }),
    characters: new Gauge({ name: 'strata_gameserver_characters', help: 'Characters that are live on this server.', registers }),
    tick: new Histogram({
      name: 'strata_gameserver_tick_seconds',
      help: 'Duration of one simulation step of one copy, including its snapshots.',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
      registers,
    }),
    overloadedSteps: new Counter({
      name: 'strata_gameserver_strained_steps_total',
      help: 'Simulation steps during which snapshots were sent at half their rate because steps started late (the server is short of CPU).',
      registers,
    }),
    stepLag: new Histogram({
      name: 'strata_gameserver_step_lag_seconds',
      help: 'How late a simulation step of one copy began. Steps that catch up are not late.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
      registers,
    }),
    skippedSteps: new Counter({
      name: 'strata_gameserver_skipped_steps_total',
      help: 'Simulation steps that were left out because their copy used more than its fair share of the process; its world goes slower.',
      registers,
    }),
    load: new Gauge({
      name: 'strata_gameserver_load_level',
      help: 'How short of CPU a copy is: 1 thins what is far, 2 halves the snapshots, 3 takes no newcomers, 4 asks for relief.',
      labelNames: ['copy'],
      registers,
    }),
    share: new Gauge({
      name: 'strata_gameserver_copy_share',
      help: 'Share of the thread of this process that the simulation steps of a copy use.',
      labelNames: ['copy'],
      registers,
    }),
    snapshotBytes: new Counter({ name: 'strata_gameserver_snapshot_bytes_total', help: 'Snapshot bytes sent to clients.', registers }),
    refusals: new Counter({
      name: 'strata_gameserver_refusals_total',
      help: 'Clients that were refused or disconnected, by error code.',
      labelNames: ['code'],
      registers,
    }),
    moves: new Counter({
      name: 'strata_gameserver_moves_total',
      help: 'Moves out of copies of this server, by cause and final state.',
      labelNames: ['cause', 'state'],
      registers,
    }),
    claim: new Histogram({
      name: 'strata_gameserver_claim_seconds',
      help: 'Time from the activate message of a moved character until it is live here.',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1],
      registers,
    }),
    release: new Histogram({
      name: 'strata_gameserver_release_seconds',
      help: 'Time for which a moving party is frozen before the database has released it.',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1],
      registers,
    }),
    dropped: new Counter({
      name: 'strata_gameserver_dropped_messages_total',
      help: 'Messages that were dropped: `message` from a client that sends too many of one type, `relayed` to a client that receives too many from others.',
      labelNames: ['what'],
      registers,
    }),
    saves: new Counter({ name: 'strata_gameserver_saves_total', help: 'Character saves, by result.', labelNames: ['result'], registers }),
    violations: new Counter({
      name: 'strata_gameserver_violations_total',
      help: 'Claims of clients that no lag explains, by kind and by the strongest action that was taken.',
      labelNames: ['kind', 'action'],
      registers,
    }),
    errors: new Counter({ name: 'strata_gameserver_errors_total', help: 'Exceptions thrown in rooms, by hook.', labelNames: ['hook'], registers }),
  }
}
