import { coresOf, type Run } from './costs.ts'

/** What a studio expects, and how it runs its servers. */
export interface Expectation {
  /** Players at once at the peak. */
  players: number
  /** Mean over the day as a share of the peak. */
  meanShare: number
  /** Minutes in which a crowd of this size enters after a release or an outage. */
  minutesToEnter: number
  /** Players that a server hosts at most, and copies: the counters of the Fleet. */
  playersPerServer: number
  roomsPerServer: number
  /** Players of a copy at the peak: the soft cap times how full copies are. */
  playersPerCopy: number
  /** Share of a core that a game server or a matchmaker may use at the peak: each has one thread for its players. */
  coreShare: number
  /** How much more CPU time the own game needs for a player than the demo: 2 is twice as much. */
  gameFactor: number
}

export const defaults: Omit<Expectation, 'players'> = {
  meanShare: 0.5,
  minutesToEnter: 15,
  playersPerServer: 400,
  roomsPerServer: 6,
  playersPerCopy: 60,
  coreShare: 0.6,
  gameFactor: 1,
}

export interface CapacityPlan {
  /** How many times more players than in the largest measured run: the figures are extended in a straight line. */
  beyondMeasured: number
  gameServers: { servers: number; limitedBy: 'CPU time' | 'players' | 'rooms'; ready: number; rollOut: number; cores: number; memoryGb: number }
  matchmakers: { replicas: number; entersPerSecond: number; cores: number }
  orchestrators: { replicas: number; copies: number; cores: number }
  postgres: { cores: number; walMbPerSecond: number; decisionsGb: number; ledgerGbPerMonth: number }
  redis: { cores: number; memoryMb: number }
}

/** Entries a second for which the HorizontalPodAutoscaler keeps a matchmaker (k8s/base/matchmaker.yaml), and its smallest number of replicas. */
const ENTERS_PER_MATCHMAKER = 200
const LEAST_MATCHMAKERS = 3
/** Ready servers beside the allocated ones (`orchestrator/plan/scaleFleets.ts`). */
const READY_SHARE = 0.05
/** Servers more while a new build of the game rolls out: `maxSurge` of the Fleet. */
const SURGE_SHARE = 0.25
/** Days for which decisions are kept: the default of `decisions.keep`. */
const DECISION_DAYS = 7
const MB = 2 ** 20
const GB = 2 ** 30

/** What this many players need, from the measured runs. */
export function planCapacity({ players, ...expected }: Expectation, runs: readonly Run[]): CapacityPlan {
  const large = runs.at(-1)
  if (large === undefined) throw new Error('no run was measured')
  const { meanShare, minutesToEnter, playersPerServer, roomsPerServer, playersPerCopy, coreShare, gameFactor } = expected
  const cores = coresOf('gameServers', runs)(players) * gameFactor
  const copies = Math.ceil(players / playersPerCopy)
  const needs = [
    ['CPU time', cores / coreShare],
    ['players', players / playersPerServer],
    ['rooms', copies / roomsPerServer],
  ] as const
  const [limitedBy, most] = needs.reduce((a, b) => (b[1] > a[1] ? b : a))
  const servers = Math.max(2, Math.ceil(most))
  const ready = Math.max(1, Math.ceil(READY_SHARE * servers))
  const hoursADay = players * meanShare * 24
  const matchmakerCores = coresOf('matchmaker', runs)(players)
  const entersPerSecond = players / (minutesToEnter * 60)
  return {
    beyondMeasured: players / large.players,
    gameServers: {
      servers,
      limitedBy,
      ready,
      rollOut: Math.ceil(SURGE_SHARE * servers),
      cores,
      memoryGb: ((servers + ready) * large.emptyServerMb + players * large.serverMbPerPlayer) / 1_024,
    },
    matchmakers: {
      replicas: Math.max(LEAST_MATCHMAKERS, Math.ceil(entersPerSecond / ENTERS_PER_MATCHMAKER), Math.ceil(matchmakerCores / coreShare)),
      entersPerSecond,
      cores: matchmakerCores,
    },
    orchestrators: { replicas: 2, copies, cores: coresOf('orchestrator', runs)(players) },
    postgres: {
      cores: coresOf('postgres', runs)(players),
      walMbPerSecond: (players * large.walBytesPerPlayerSecond) / MB,
      decisionsGb: (hoursADay * DECISION_DAYS * large.decisionBytesPerPlayerHour) / GB,
      ledgerGbPerMonth: (hoursADay * 30 * large.ledgerBytesPerPlayerHour) / GB,
    },
    redis: { cores: coresOf('redis', runs)(players), memoryMb: (players * large.redisBytesPerPlayer) / MB },
  }
}
