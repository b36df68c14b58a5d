import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What a game server counts. */
export type GameServerMetrics = ReturnType<typeof createGameServerMetrics>

export function createGameServerMetrics(registry: Registry) {
  const registers = [registry]
  return {
    copies: new Gauge({ name: 'strata_gameserver_copies', help: 'Copies that this server hosts.', registers }),
    characters: new Gauge({ name: 'strata_gameserver_characters', help: 'Characters that are live here.', registers }),
    tick: new Histogram({
      name: 'strata_gameserver_tick_seconds',
      help: 'One simulation step of one copy, snapshots included.',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
      registers,
    }),
    strainedSteps: new Counter({
      name: 'strata_gameserver_strained_steps_total',
      help: 'Steps at which pictures went out at half their rate, because steps came late: the server is short of CPU.',
      registers,
    }),
    snapshotBytes: new Counter({ name: 'strata_gameserver_snapshot_bytes_total', help: 'Bytes of snapshots sent.', registers }),
    refusals: new Counter({ name: 'strata_gameserver_refusals_total', help: 'Clients refused or cut off.', labelNames: ['code'], registers }),
    moves: new Counter({
      name: 'strata_gameserver_moves_total',
      help: 'Moves out of copies of this server, by how they ended.',
      labelNames: ['cause', 'state'],
      registers,
    }),
    claim: new Histogram({
      name: 'strata_gameserver_claim_seconds',
      help: 'Activation of a moved character: from its arrival to live.',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1],
      registers,
    }),
    release: new Histogram({
      name: 'strata_gameserver_release_seconds',
      help: 'Freeze of a moving party: from the freeze to the release.',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1],
      registers,
    }),
    saves: new Counter({ name: 'strata_gameserver_saves_total', help: 'Saved characters, by result.', labelNames: ['result'], registers }),
    errors: new Counter({ name: 'strata_gameserver_errors_total', help: 'Exceptions in rooms, by hook.', labelNames: ['hook'], registers }),
  }
}
