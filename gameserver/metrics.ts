import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { ErrorCode } from '../model/errors.ts'
import { violationKinds } from '../model/fairness.ts'
import type { MoveCause, MoveOutcome } from '../model/move.ts'
import { callMetrics } from '../service/observe/dependencies.ts'
import type { CallObserver } from '../service/observe/measured.ts'
import { startAtZero } from '../service/observe/zero.ts'

/** Codes of refusals that every game server shows from its start; others appear with their first refusal. */
const refusalCodes: readonly ErrorCode[] = [
  ...(['TICKET_INVALID', 'TICKET_EXPIRED', 'TICKET_USED', 'TICKET_WRONG_COPY', 'SEAT_EXPIRED', 'CLAIM_REFUSED', 'COPY_UNKNOWN'] as const),
  ...(['CHARACTER_BUSY', 'LIVE_ELSEWHERE', 'PROTOCOL_UNSUPPORTED', 'ACCOUNT_BANNED', 'KICKED', 'UNFAIR_PLAY', 'RESCUED', 'IDLE_RELEASED'] as const),
  ...(['MESSAGE_INVALID', 'TOO_MANY_REQUESTS', 'BODY_TOO_LARGE', 'BAD_REQUEST', 'CLIENT_TOO_SLOW', 'JOIN_UNCONFIRMED', 'DEPENDENCY_DOWN', 'INTERNAL'] as const),
]
const moveCauses: readonly MoveCause[] = ['travel', 'merge', 'drain', 'border', 'reunite', 'relief', 'operator']
const moveStates: readonly MoveOutcome['state'][] = ['done', 'failed', 'cancelled', 'reclaimed']
/** Upper bounds in seconds of a whole move: a border is prepared a minute before the player crosses it. */
const MOVE_SECONDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120]
/** Upper bounds in seconds of one write of a move. */
const GAP_SECONDS = [0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 1]

/** The Prometheus metrics of one game server. */
export type GameServerMetrics = ReturnType<typeof createGameServerMetrics>

export function createGameServerMetrics(registry: Registry) {
  const registers = [registry]
  return {
    copies: new Gauge({ name: 'strata_gameserver_copies', help: 'Copies that this server hosts', registers }),
    characters: new Gauge({ name: 'strata_gameserver_characters', help: 'Characters that are live on this server', registers }),
    tick: new Histogram({
      name: 'strata_gameserver_tick_seconds',
      help: 'Duration of one simulation step of one copy, including its snapshots',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
      registers,
    }),
    overloadedSteps: new Counter({
      name: 'strata_gameserver_strained_steps_total',
      help: 'Simulation steps during which snapshots were sent at half their rate because steps started late (the server is short of CPU)',
      registers,
    }),
    stepLag: new Histogram({
      name: 'strata_gameserver_step_lag_seconds',
      help: 'How late a simulation step of one copy began. Steps that catch up are not late',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
      registers,
    }),
    skippedSteps: new Counter({
      name: 'strata_gameserver_skipped_steps_total',
      help: 'Simulation steps that were left out because their copy used more than its fair share of the process; its world goes slower',
      registers,
    }),
    load: new Gauge({
      name: 'strata_gameserver_load_level',
      help: 'How short of CPU a copy is: 1 thins what is far, 2 halves the snapshots, 3 takes no newcomers, 4 asks for relief',
      labelNames: ['copy'],
      registers,
    }),
    share: new Gauge({
      name: 'strata_gameserver_copy_share',
      help: 'Share of the thread of this process that the simulation steps of a copy use',
      labelNames: ['copy'],
      registers,
    }),
    snapshotBytes: new Counter({ name: 'strata_gameserver_snapshot_bytes_total', help: 'Snapshot bytes sent to clients', registers }),
    refusals: startAtZero(
      new Counter({
        name: 'strata_gameserver_refusals_total',
        help: 'Clients that were refused or disconnected, by error code',
        labelNames: ['code'],
        registers,
      }),
      { code: refusalCodes },
    ),
    moves: startAtZero(
      new Counter({
        name: 'strata_gameserver_moves_total',
        help: 'Moves out of copies of this server, by cause and final state',
        labelNames: ['cause', 'state'],
        registers,
      }),
      { cause: moveCauses, state: moveStates },
    ),
    claim: new Histogram({
      name: 'strata_gameserver_claim_seconds',
      help: 'Time from the activate message of a moved character until it is live here',
      buckets: GAP_SECONDS,
      registers,
    }),
    release: new Histogram({
      name: 'strata_gameserver_release_seconds',
      help: 'Time for which a moving party is frozen before the database has released it',
      buckets: GAP_SECONDS,
      registers,
    }),
    moveSeconds: startAtZero(
      new Histogram({
        name: 'strata_gameserver_move_seconds',
        help: 'Time from the order of a move out of a copy of this server to its end, by cause; busy players and borders take long on purpose',
        labelNames: ['cause'],
        buckets: MOVE_SECONDS,
        registers,
      }),
      { cause: moveCauses },
    ),
    join: startAtZero(
      new Histogram({
        name: 'strata_gameserver_join_seconds',
        help: 'Time from the connection of a client until its character is live here or on standby, by kind: login or move',
        labelNames: ['kind'],
        buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
        registers,
      }),
      { kind: ['login', 'move'] },
    ),
    saveSeconds: new Histogram({
      name: 'strata_gameserver_save_seconds',
      help: 'Time of one batch of saves: the characters of this server that are due',
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
    sockets: new Gauge({ name: 'strata_gameserver_sockets', help: 'Open sockets of clients at the door of this server', registers }),
    dropped: startAtZero(
      new Counter({
        name: 'strata_gameserver_dropped_messages_total',
        help: 'Messages that were dropped: `message` from a client that sends too many of one type, `relayed` to a client that receives too many from others',
        labelNames: ['what'],
        registers,
      }),
      { what: ['message', 'relayed'] },
    ),
    saves: startAtZero(
      new Counter({
        name: 'strata_gameserver_saves_total',
        help: 'Character saves, by result: saved, left (the last save when the character leaves), stale (refused, a newer holder writes), failed',
        labelNames: ['result'],
        registers,
      }),
      { result: ['saved', 'left', 'stale', 'failed'] },
    ),
    violations: startAtZero(
      new Counter({
        name: 'strata_gameserver_violations_total',
        help: 'Claims of clients that no lag explains, by kind and by the strongest action that was taken',
        labelNames: ['kind', 'action'],
        registers,
      }),
      { kind: violationKinds, action: ['none', 'correct', 'warn', 'flag', 'kick'] },
    ),
    errors: startAtZero(new Counter({ name: 'strata_gameserver_errors_total', help: 'Exceptions thrown in rooms, by hook', labelNames: ['hook'], registers }), {
      hook: ['onJoin', 'onLeave', 'onMessage', 'onCreate', 'onDispose'],
    }),
  }
}

/** Metrics of the calls to Agones' sidecar. */
export function agonesCalls(registry: Registry): CallObserver {
  return callMetrics(registry, {
    prefix: 'strata_agones_call',
    calls: ['gameServer', 'ready', 'allocate', 'shutdown', 'setLabel'],
    what: "a call to Agones' sidecar",
    plural: "Calls to Agones' sidecar",
  })
}
