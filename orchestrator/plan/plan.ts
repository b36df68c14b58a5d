import type { Instant } from '../../model/clock.ts'
import type { CopyId, MapName } from '../../model/ids.ts'
import type { MapPolicy, Policies } from '../../model/policy/policy.ts'
import type { Plan, PlanInput } from './action.ts'
import { cancelClosing } from './close/cancelClosing.ts'
import { closeInstances } from './close/closeInstances.ts'
import { closeLast } from './close/closeLast.ts'
import { drainServers } from './close/drainServers.ts'
import { loseCopies } from './close/loseCopies.ts'
import { mergeCopies, type Weighed } from './close/mergeCopies.ts'
import { type DayShape, learnShape } from './forecast/dayShape.ts'
import type { ExpectedCrowd } from './forecast/declaredEvents.ts'
import { remember, type Sample } from './forecast/forecast.ts'
import { measureMates } from './forecast/measureMates.ts'
import type { Visits } from './forecast/visits.ts'
import { MoveBudget } from './move/moveBudget.ts'
import { moveParties } from './move/moveParties.ts'
import { GuildReunions } from './move/reuniteGuilds.ts'
import { openCopies } from './open/openCopies.ts'
import { openInstances } from './open/openInstances.ts'
import { scaleFleets } from './scaleFleets.ts'
import { Hosts } from './view/hosts.ts'
import { type MapView, viewMap } from './view/mapView.ts'

/**
 * What should change, and why. Pure: the same input gives the same plan. Maps are planned one by one; on each, the rules run
 * in this order, and each sees what those before it have planned. Linear in the number of copies; seats are walked only in
 * copies that are closing, and of some maps a round to bring guilds together.
 */
export function plan(input: PlanInput): Plan {
  const { policies, memory, now, moving } = input
  const budget = new MoveBudget(memory, now)
  const hosts = new Hosts(input)
  const mates = measureMates(input)
  const weighed: Weighed = { copies: 0 }
  const movingOn = countMoving(input)
  const views: MapView[] = []
  const populations = new Map<MapName, readonly Sample[]>()
  const emptySince = new Map<CopyId, Instant>()
  const dayShapes = new Map<MapName, DayShape>()
  const visits = new Map<MapName, Visits>()
  const crowds = new Map<MapName, readonly ExpectedCrowd[]>()
  const forecastErrors = new Map<MapName, number>()
  let longest = 0
  for (const [map, policy] of beginningWith(memory.mergesFirst, policies)) {
    const view = viewMap(input, map, policy, movingOn.get(map) ?? 0, hosts, mates.get(map))
    loseCopies(view)
    if (policy.kind === 'instance') {
      openInstances(view, input.waitingParties?.get(map) ?? [])
      closeInstances(view, memory.emptySince, emptySince)
    } else {
      cancelClosing(view)
      openCopies(view)
      drainServers(view)
      mergeCopies(view, weighed)
      closeLast(view)
      moveParties(view, moving, budget)
    }
    views.push(view)
    const [known, present] = [memory.populations.get(map) ?? [], view.players + view.waiting]
    const samples = remember(known, present, now, policy)
    populations.set(map, samples)
    const shape = memory.dayShapes?.get(map)
    dayShapes.set(map, shape !== undefined && samples === known ? shape : learnShape(shape, present, now))
    visits.set(map, view.visits)
    if (view.crowds.length > 0) crowds.set(map, view.crowds)
    forecastErrors.set(map, view.forecast.error)
    longest = Math.max(longest, policy.moves.perPlayerEveryMs)
  }
  const reunions = new GuildReunions(memory.reunions, views, now)
  for (const view of views) if (view.policy.kind !== 'instance') reunions.look(view, moving, budget)
  const fleets = scaleFleets(input, views, hosts)
  const actions = views.flatMap((view) => view.actions)
  actions.push(...fleets.actions)
  const learned = {
    populations,
    dayShapes,
    visits,
    crowds,
    forecastErrors,
    mates,
    reunions: reunions.after,
    ...(weighed.waits === undefined ? {} : { mergesFirst: weighed.waits }),
  }
  return { actions, memory: { ...learned, ...budget.after(longest), surplusSince: fleets.surplusSince, emptySince } }
}

/** All maps, in their order, from this one on. */
function beginningWith(first: MapName | undefined, policies: Policies): [MapName, MapPolicy][] {
  const maps = [...policies]
  const at = Math.max(
    0,
    maps.findIndex(([map]) => map === first),
  )
  return [...maps.slice(at), ...maps.slice(0, at)]
}

/** Whoever moves has a seat in both copies of the same map. */
function countMoving({ moving, census }: PlanInput): Map<MapName, number> {
  const counts = new Map<MapName, number>()
  for (const character of moving) {
    const map = census.whereabouts.get(character)?.map
    if (map !== undefined) counts.set(map, (counts.get(map) ?? 0) + 1)
  }
  return counts
}
