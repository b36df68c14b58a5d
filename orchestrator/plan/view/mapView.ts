import type { CopyCensus } from '../../../model/census.ts'
import type { DurationMs, Instant } from '../../../model/clock.ts'
import { type Copy, readsState } from '../../../model/copy.ts'
import type { CopyId, MapName } from '../../../model/ids.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'
import { forcedMovesStart } from '../../../model/server.ts'
import type { Action, PlanInput } from '../action.ts'
import { companyShare, type Mates } from '../forecast/companyShare.ts'
import { type ExpectedCrowd, expectCrowds, expectedPlayers } from '../forecast/declaredEvents.ts'
import { type Forecast, forecastMap } from '../forecast/forecast.ts'
import { countVisits, type Visits } from '../forecast/visits.ts'
import type { CompanyIndex } from './companyIndex.ts'
import type { Host, Hosts } from './hosts.ts'

/** A copy as the rules of one round see it: `players` follows what the round has planned so far. */
export interface Standing<State extends Copy = Copy> {
  readonly census: CopyCensus
  readonly copy: State
  readonly id: CopyId
  /** Seats held and taken, and those that this round has ordered to come or go. */
  players: number
}

export type OpenStanding = Standing<Copy & { state: 'open' }>
export type ClosingStanding = Standing<Copy & { state: 'closing' }>

/** One map in one round. The rules run one after the other over it; each sees what those before it have planned. */
export interface MapView {
  readonly map: MapName
  readonly policy: MapPolicy
  readonly now: Instant
  /** Open, on a living server that stays: the only copies that take people in. */
  usable: OpenStanding[]
  /** On the way, on a server that stays; `opens` of this round are not among them. */
  opening: Standing[]
  /** Being emptied for a merge, or by an operator or a drain. */
  closing: ClosingStanding[]
  /** Open, but their server is to be emptied. */
  readonly onDraining: OpenStanding[]
  /** Opening, but their server is to be emptied. */
  readonly openingOnDraining: Standing[]
  /** Until when the server of a copy can wait for busy players: for ever, unless it was told to stop. */
  readonly forcedMovesStart: (copy: Copy) => Instant
  /** Whether the clients of one copy are understood in the other: old ones stay where their version is spoken. */
  readonly canGo: (from: Copy, to: Copy) => boolean
  /** Their server is gone. */
  readonly gone: Standing[]
  /** Everybody who has a seat on this map, counted once. */
  readonly players: number
  readonly waiting: number
  readonly forecast: Forecast
  /** Share of every copy but one that stays free for the company of those inside (`room.ts`). */
  readonly companyShare: number
  readonly visits: Visits
  /** Declared events that copies are kept ready for. */
  readonly crowds: readonly ExpectedCrowd[]
  /** Copies that this round wants opened. */
  opens: number
  readonly actions: Action[]
  /** Made when the first rule asks whose company is where. */
  company?: CompanyIndex
}

/** `moving`: how many of the map's players have a seat in two copies, because they are on the way from one to the other. */
export function viewMap(input: PlanInput, map: MapName, policy: MapPolicy, moving: number, hosts: Hosts, mates?: Mates): MapView {
  const { census, now, memory } = input
  const ofMap = census.maps.get(map)
  const usable: OpenStanding[] = []
  const opening: Standing[] = []
  const closing: ClosingStanding[] = []
  const onDraining: OpenStanding[] = []
  const openingOnDraining: Standing[] = []
  const gone: Standing[] = []
  const until = ({ server }: Copy): Instant => forcedMovesStart(census.servers.get(server) ?? {})
  let players = -moving
  for (const copyCensus of ofMap?.copies.values() ?? []) {
    const { copy } = copyCensus
    const host = hosts.hostOf(copy)
    players += copyCensus.seats.size
    if (isGone(copy, host)) gone.push(standing(copyCensus, copy))
    else if (copy.state === 'opening') (host.draining ? openingOnDraining : opening).push(standing(copyCensus, copy))
    else if (copy.state === 'open') (host.draining ? onDraining : usable).push(standing(copyCensus, copy))
    else if (copy.state === 'closing') closing.push(standing(copyCensus, host.draining ? drained(copy, until(copy)) : copy))
  }
  const waiting = ofMap?.waiting ?? 0
  const crowds = expectCrowds(policy, memory.crowds?.get(map), players + waiting, now)
  const measured = forecastMap(memory.populations.get(map) ?? [], players + waiting, now, policy, memory.dayShapes?.get(map))
  const forecast = withCrowd(measured, expectedPlayers(policy, crowds))
  const standings = { usable, opening, closing, onDraining, openingOnDraining, gone }
  return {
    map,
    policy,
    now,
    ...standings,
    forcedMovesStart: until,
    canGo: (from, to) => hosts.canGo(from.server, to.server) && readsState(to, from.states?.writes ?? 0),
    players,
    waiting,
    forecast,
    companyShare: companyShare(policy, mates),
    visits: countVisits(memory.visits?.get(map), players + waiting, ofMap?.copies.size ?? 0, now),
    crowds,
    opens: 0,
    actions: [],
  }
}

/** Whatever it began to close for: now its server is to be emptied, perhaps sooner than it would have been. */
function drained(copy: Copy & { state: 'closing' }, until: Instant): Copy & { state: 'closing' } {
  return { ...copy, reason: 'drain', deadline: Math.min(copy.deadline, until) }
}

function standing<State extends Copy>(census: CopyCensus, copy: State): Standing<State> {
  return { census, copy, id: copy.id, players: census.seats.size }
}

function withCrowd(forecast: Forecast, players: number): Forecast {
  return { ...forecast, players: Math.max(forecast.players, players), lasting: Math.max(forecast.lasting, players), later: Math.max(forecast.later, players) }
}

/**
 * A server that was never heard of may still be starting: its opening copies are left to the timeout of openings. One that
 * was heard of, and hosts what is open, is gone when it is silent for too long.
 */
function isGone(copy: Copy, host: Host): boolean {
  if (copy.state === 'lost') return true
  return host.silent ?? copy.state !== 'opening'
}

export function age({ copy }: Standing, now: Instant): DurationMs {
  return now - copy.since
}

/** "1 player", "3 players": for the sentences of `why`. */
export function count(n: number, noun: string): string {
  return `${n} ${n === 1 ? noun : noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`
}
