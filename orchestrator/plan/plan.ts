import type { Instant } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import type { CopyId, MapName } from '../../model/ids.ts'
import type { MapPolicy, Policies } from '../../model/policy/policy.ts'
import { emptyMapMemory, type MapMemory, type Plan, type PlanInput } from './action.ts'
import { bookActions } from './budget/bookActions.ts'
import { bookTime, pricesOf } from './budget/spending.ts'
import { cancelClosing } from './close/cancelClosing.ts'
import { closeInstances } from './close/closeInstances.ts'
import { closeLastCopy } from './close/closeLastCopy.ts'
import { drainServers } from './close/drainServers.ts'
import { loseCopies } from './close/loseCopies.ts'
import { type MergeWork, mergeCopies } from './close/mergeCopies.ts'
import { followRules } from './followRules.ts'
import { learnShape } from './forecast/dayShape.ts'
import { remember } from './forecast/forecast.ts'
import { measureMates } from './forecast/measureMates.ts'
import { gatherParties } from './move/gatherParties.ts'
import { MoveBudget } from './move/moveBudget.ts'
import { moveParties } from './move/moveParties.ts'
import { relieveServers } from './move/relieveServers.ts'
import { GuildReunions } from './move/reuniteGuilds.ts'
import { nameFleets } from './open/nameFleets.ts'
import { openCopies } from './open/openCopies.ts'
import { openInstances } from './open/openInstances.ts'
import { scaleFleets } from './scaleFleets.ts'
import { Hosts } from './view/hosts.ts'
import { type MapView, viewMap } from './view/mapView.ts'

/**
 * Decides what should change, and why. Pure: the same input gives the same plan. Maps are planned one by one. On each map the rules run in this
 * order, and each rule sees what the rules before it have planned. The cost is linear in the number of copies; seats are read only in closing
 * copies, and in a limited number of maps per round to reunite guilds.
 */
export function plan(input: PlanInput): Plan {
  const { policies, memory, now, moving, constants } = input
  const budget = new MoveBudget(memory, now)
  const hosts = new Hosts(input)
  const spending = bookTime(memory.spending, input)
  const prices = pricesOf(spending, constants)
  const mates = measureMates(input)
  const mergeWork: MergeWork = { comparedCopies: 0 }
  const movingByMap = countMoving(input)
  const views: MapView[] = []
  const learned = new Map<MapName, MapMemory>()
  const emptySince = new Map<CopyId, Instant>()
  let longest = 0
  for (const [map, policy] of startingWith(memory.mergesFirst, policies)) {
    const known = memory.maps.get(map) ?? emptyMapMemory
    const view = viewMap({ input, map, policy, memory: { ...known, mates: mates.get(map) }, moving: movingByMap.get(map) ?? 0, hosts, prices })
    followRules(view)
    loseCopies(view)
    if (policy.kind === 'instance') {
      openInstances(view, input.waitingOwners?.get(map) ?? [])
      closeInstances(view, memory.emptySince, emptySince)
    } else {
      cancelClosing(view)
      openCopies(view)
      drainServers(view)
      mergeCopies(view, mergeWork)
      closeLastCopy(view)
      gatherParties(view, moving, budget)
      moveParties(view, moving, budget)
      relieveServers(view, moving, budget)
    }
    nameFleets(view, memory.shortSince)
    views.push(view)
    learned.set(map, learnMap(view))
    longest = Math.max(longest, policy.moves.perPlayerEveryMs)
  }
  const reunions = new GuildReunions(memory, views, now, constants)
  for (const view of views) if (view.policy.kind !== 'instance') reunions.reunite(view, moving, budget)
  const fleets = scaleFleets(input, views, hosts)
  const actions = views.flatMap((view) => view.actions)
  actions.push(...fleets.actions)
  const maps = new Map<MapName, MapMemory>()
  // A map without a policy keeps only its limits on moves, so that removing a policy and adding it again does not lift them.
  for (const map of new Set([...learned.keys(), ...memory.maps.keys()])) {
    const [recentMoves, reunionsSearched] = [budget.recentMoves(map), reunions.searchedAt(map)]
    const known = learned.get(map)
    if (known === undefined && recentMoves.length === 0 && reunionsSearched === undefined) continue
    maps.set(map, { ...(known ?? emptyMapMemory), recentMoves, reunionsSearched })
  }
  return {
    actions,
    memory: {
      maps,
      reunions: reunions.after,
      spending: bookActions(spending, actions, constants),
      lastMoved: budget.lastMoved(longest),
      surplusSince: fleets.surplusSince,
      shortSince: fleets.shortSince,
      emptySince,
      ...defined({ mergesFirst: mergeWork.firstDeferred }),
    },
  }
}

/** What this round learned of a map. */
function learnMap({ memory, players, waiting, visits, expectations, forecast, policy, now, constants }: MapView): MapMemory {
  const present = players + waiting
  const populations = remember(memory.populations, present, now, policy)
  const dayShape = memory.dayShape !== undefined && populations === memory.populations ? memory.dayShape : learnShape(memory.dayShape, present, now, constants)
  return { ...memory, populations, dayShape, visits, crowds: expectations.crowds, lastCrowds: expectations.last, forecastError: forecast.error }
}

/** All maps in their order, rotated so that `first` comes first. */
function startingWith(first: MapName | undefined, policies: Policies): [MapName, MapPolicy][] {
  const maps = [...policies]
  const at = Math.max(
    0,
    maps.findIndex(([map]) => map === first),
  )
  return [...maps.slice(at), ...maps.slice(0, at)]
}

/** Characters on the move per map. During a move, a character has a seat in both copies. */
function countMoving({ moving, census }: PlanInput): Map<MapName, number> {
  const counts = new Map<MapName, number>()
  for (const character of moving) {
    const map = census.whereabouts.get(character)?.map
    if (map !== undefined) counts.set(map, (counts.get(map) ?? 0) + 1)
  }
  return counts
}
