import type { Instant } from '../../model/clock.ts'
import type { CopyId, MapName } from '../../model/ids.ts'
import type { Plan, PlanInput } from './action.ts'
import { cancelClosing } from './cancelClosing.ts'
import { closeInstances } from './closeInstances.ts'
import { closeLast } from './closeLast.ts'
import { drainServers } from './drainServers.ts'
import { remember, type Sample } from './forecast.ts'
import { loseCopies } from './loseCopies.ts'
import { type MapView, viewMap } from './mapView.ts'
import { mergeCopies } from './mergeCopies.ts'
import { MoveBudget } from './moveBudget.ts'
import { moveParties } from './moveParties.ts'
import { openCopies } from './openCopies.ts'
import { openInstances } from './openInstances.ts'
import { scaleFleets } from './scaleFleets.ts'

/**
 * What should change, and why. Pure: the same input gives the same plan. Maps are planned one by one; on each, the rules run
 * in this order, and each sees what those before it have planned. Linear in the number of copies; seats are walked only in
 * copies that are closing.
 */
export function plan(input: PlanInput): Plan {
  const { policies, memory, now, moving } = input
  const budget = new MoveBudget(memory, now)
  const movingOn = countMoving(input)
  const views: MapView[] = []
  const populations = new Map<MapName, readonly Sample[]>()
  const emptySince = new Map<CopyId, Instant>()
  let longest = 0
  for (const [map, policy] of policies) {
    const view = viewMap(input, map, policy, movingOn.get(map) ?? 0)
    loseCopies(view)
    if (policy.kind === 'instance') {
      openInstances(view, input.waitingParties?.get(map) ?? [])
      closeInstances(view, memory.emptySince, emptySince)
    } else {
      cancelClosing(view)
      openCopies(view)
      drainServers(view)
      mergeCopies(view)
      closeLast(view)
      moveParties(view, moving, budget)
    }
    views.push(view)
    populations.set(map, remember(memory.populations.get(map) ?? [], view.players + view.waiting, now, policy.open.leadTimeMs))
    longest = Math.max(longest, policy.moves.perPlayerEveryMs)
  }
  const fleets = scaleFleets(input, views)
  const actions = views.flatMap((view) => view.actions)
  actions.push(...fleets.actions)
  return { actions, memory: { populations, ...budget.after(longest), surplusSince: fleets.surplusSince, emptySince } }
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
