import type { CopyCensus } from '../../../model/census.ts'
import type { DurationMs, Instant } from '../../../model/clock.ts'
import { type Copy, readsState } from '../../../model/copy.ts'
import type { CharacterId, CopyId, FleetName, Language, MapName } from '../../../model/ids.ts'
import { admits, type LoadLevel } from '../../../model/load.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'
import { forcedMovesStart } from '../../../model/server.ts'
import { CONSTANTS, type Constants } from '../../../score/constants.ts'
import type { People } from '../../../score/people.ts'
import type { Action, MapMemory, PlanInput } from '../action.ts'
import { ORDINARY, type Prices } from '../budget/spending.ts'
import { companyShare } from '../forecast/companyShare.ts'
import { type Expectations, expectCrowds, expectedPlayers } from '../forecast/declaredEvents.ts'
import { type Forecast, forecastMap } from '../forecast/forecast.ts'
import { countVisits, type Visits } from '../forecast/visits.ts'
import type { CompanyIndex } from './companyIndex.ts'
import { fleetsNow } from './fleetsNow.ts'
import type { Host, Hosts } from './hosts.ts'

/** A copy as the rules of one round see it. */
export interface CopyView<State extends Copy = Copy> {
  readonly census: CopyCensus
  readonly copy: State
  readonly id: CopyId
  /** Held and taken seats, corrected by the moves that this round has planned. */
  players: number
}

export type OpenCopyView = CopyView<Copy & { state: 'open' }>
export type ClosingCopyView = CopyView<Copy & { state: 'closing' }>

/** One map in one round. The rules run one after the other over it, and each sees what the rules before it have planned. */
export interface MapView {
  readonly map: MapName
  readonly policy: MapPolicy
  readonly now: Instant
  /** Operators hold the merges of this map. */
  readonly mergesHeld: boolean
  /** Copies that stay open by order of operators. */
  readonly pinned: ReadonlySet<CopyId>
  /** Open copies on servers that are alive and not draining. Only they take players. */
  usable: OpenCopyView[]
  /** Usable copies whose servers take no newcomers, because they are short of CPU, with the load. */
  readonly strained: ReadonlyMap<CopyId, LoadLevel>
  /** Opening copies on servers that are not draining; the openings of this round are counted in `opens` instead. */
  opening: CopyView[]
  /** Closing copies, whatever the reason. */
  closing: ClosingCopyView[]
  /** Open copies on draining servers. */
  readonly onDraining: OpenCopyView[]
  /** Opening copies on draining servers. */
  readonly openingOnDraining: CopyView[]
  /** Latest deadline for a copy on this server: a server that ends moves busy players from then on. Infinity for a server that does not end. */
  readonly forcedMovesStart: (copy: Copy) => Instant
  /** Whether players of `from` can move to `to`: its server speaks their client's protocol, and its game reads their saved state. */
  readonly canMove: (from: Copy, to: Copy) => boolean
  /** Copies whose server is gone. */
  readonly gone: CopyView[]
  /** Players with a seat on this map; a player on the move has two seats and counts once. */
  readonly players: number
  readonly waiting: number
  /** Friends, blocks and acquaintances of characters that may be moved (`PlanInput.people`). */
  readonly people: ReadonlyMap<CharacterId, People>
  readonly forecast: Forecast
  /** Share of the seats of every copy but one that is kept free for the company of the players inside (`capacity.ts`). */
  readonly companyShare: number
  /** What a move and a copy cost now. */
  readonly prices: Prices
  readonly constants: Constants
  readonly visits: Visits
  /** Declared events that copies are kept ready for, and how many came to earlier ones. */
  readonly expectations: Expectations
  /** What earlier rounds learned of the map, with the newest `mates`. */
  readonly memory: MapMemory
  /** Copies that this round opens. */
  opens: number
  /** The fleets in which they may open, the first choice first. */
  readonly fleets: readonly FleetName[]
  readonly actions: Action[]
  /** Built when a rule first needs it. */
  company?: CompanyIndex
  /** For each language the copies with most speakers; built when a rule first needs it. */
  speakers?: ReadonlyMap<Language, readonly OpenCopyView[]>
}

export interface ViewInput {
  input: PlanInput
  map: MapName
  policy: MapPolicy
  memory: MapMemory
  /** Players of the map who are on the move, and so have a seat in two copies. */
  moving: number
  hosts: Hosts
  prices?: Prices
}

const NOTHING_PINNED: ReadonlySet<CopyId> = new Set()
const NOBODY_KNOWN: ReadonlyMap<CharacterId, People> = new Map()

export function viewMap({ input, map, policy, memory, moving, hosts, prices = ORDINARY }: ViewInput): MapView {
  const { census, now, constants = CONSTANTS } = input
  const ofMap = census.maps.get(map)
  const usable: OpenCopyView[] = []
  const strained = new Map<CopyId, LoadLevel>()
  const opening: CopyView[] = []
  const closing: ClosingCopyView[] = []
  const onDraining: OpenCopyView[] = []
  const openingOnDraining: CopyView[] = []
  const gone: CopyView[] = []
  const deadlineOf = ({ server }: Copy): Instant => forcedMovesStart(census.servers.get(server) ?? {})
  let players = -moving
  for (const copyCensus of ofMap?.copies.values() ?? []) {
    const { copy } = copyCensus
    const host = hosts.hostOf(copy)
    players += copyCensus.seats.size
    if (copy.state === 'open' && !host.draining && !admits(host)) strained.set(copy.id, host.load)
    if (isGone(copy, host)) gone.push(viewCopy(copyCensus, copy))
    else if (copy.state === 'opening') (host.draining ? openingOnDraining : opening).push(viewCopy(copyCensus, copy))
    else if (copy.state === 'open') (host.draining ? onDraining : usable).push(viewCopy(copyCensus, copy))
    else if (copy.state === 'closing') closing.push(viewCopy(copyCensus, host.draining ? closingByDrain(copy, deadlineOf(copy)) : copy))
  }
  const waiting = ofMap?.waiting ?? 0
  const expectations = expectCrowds(policy, { crowds: memory.crowds, last: memory.lastCrowds }, { players: players + waiting, now, constants })
  const measured = forecastMap({ samples: memory.populations, players: players + waiting, now, policy, shape: memory.dayShape, constants })
  return {
    map,
    policy,
    now,
    mergesHeld: input.holds?.maps.has(map) === true,
    pinned: input.holds?.copies ?? NOTHING_PINNED,
    usable,
    strained,
    opening,
    closing,
    onDraining,
    openingOnDraining,
    gone,
    forcedMovesStart: deadlineOf,
    canMove: (from, to) => hosts.understandsClientsOf(from.server, to.server) && readsState(to, from.states?.writes ?? 0),
    players,
    waiting,
    people: input.people ?? NOBODY_KNOWN,
    forecast: withCrowd(measured, expectedPlayers(policy, expectations, memory.dayShape, now)),
    companyShare: companyShare(policy, memory.mates, prices.copy, constants),
    prices,
    constants,
    visits: countVisits(memory.visits, { players: players + waiting, copies: ofMap?.copies.size ?? 0, now }, constants),
    expectations,
    memory,
    opens: 0,
    fleets: fleetsNow(policy, input.memory.shortSince, now),
    actions: [],
  }
}

/** A closing copy on a draining server: the drain is now the reason, and it may end earlier than the first reason would have. */
function closingByDrain(copy: Copy & { state: 'closing' }, latest: Instant): Copy & { state: 'closing' } {
  return { ...copy, reason: 'drain', deadline: Math.min(copy.deadline, latest) }
}

function viewCopy<State extends Copy>(census: CopyCensus, copy: State): CopyView<State> {
  return { census, copy, id: copy.id, players: census.seats.size }
}

function withCrowd(forecast: Forecast, players: number): Forecast {
  return { ...forecast, players: Math.max(forecast.players, players), lasting: Math.max(forecast.lasting, players), later: Math.max(forecast.later, players) }
}

/**
 * A server that reported before and is silent for too long is gone, with its copies. A server that never reported may still be starting: its opening
 * copies stay until the timeout of openings (`reconciler.ts`).
 */
function isGone(copy: Copy, host: Host): boolean {
  if (copy.state === 'lost') return true
  return host.silent ?? copy.state !== 'opening'
}

/** Time since the copy came into its present state. */
export function age({ copy }: CopyView, now: Instant): DurationMs {
  return now - copy.since
}

/** A number with its noun in the singular or plural ("1 player", "3 players"), for the texts of `why`. */
export function count(n: number, noun: string): string {
  return `${n} ${n === 1 ? noun : noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`
}
