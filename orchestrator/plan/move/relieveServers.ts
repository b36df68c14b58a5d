import { defined } from '../../../model/defined.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { LOAD } from '../../../model/load.ts'
import { count, type MapView, type OpenCopyView } from '../view/mapView.ts'
import type { MoveBudget } from './moveBudget.ts'
import { groupsOf } from './moveParties.ts'

/**
 * Load level 4: moves players off servers that are still late although they take no newcomers. Such a move is one that the players did not ask for, so
 * `moves.perMinute` and `moves.perPlayerEvery` hold, and who is busy stays (rules M3, M4).
 */
export function relieveServers(view: MapView, moving: ReadonlySet<CharacterId>, budget: MoveBudget): void {
  const { map, now, policy, usable, strained } = view
  for (const from of usable) {
    if ((strained.get(from.id) ?? 0) < LOAD.relief) continue
    let most = Math.ceil(from.players * view.constants.reliefShare)
    for (const { party, seats } of groupsOf(from)) {
      if (most <= 0 || budget.left(view) < seats.length) break
      if (seats.some(({ character, state }) => state !== 'taken' || moving.has(character) || !budget.allows(character, view, now))) continue
      const to = targetFor(view, from, seats.length)
      if (to === undefined) continue
      const characters = seats.map(({ character }) => character)
      const why = `server ${from.copy.server} is short of CPU; ${count(seats.length, 'player')} of ${from.id} go to ${to.id}`
      const deadline = now + policy.merge.deadlineMs
      view.actions.push({ type: 'move', map, from: from.id, to: to.id, ...defined({ party }), characters, cause: 'relief', deadline, why })
      budget.spend(view, characters)
      most -= seats.length
      from.players -= seats.length
      to.players += seats.length
    }
  }
}

/** The fullest copy on a server with enough CPU that has room below the soft cap. */
function targetFor({ usable, strained, policy, canMove }: MapView, from: OpenCopyView, size: number): OpenCopyView | undefined {
  const able = usable.filter((other) => !strained.has(other.id) && other.players + size <= policy.capacity.soft && canMove(from.copy, other.copy))
  return able.toSorted((a, b) => b.players - a.players || (a.id < b.id ? -1 : 1))[0]
}
