import { LOAD } from '../../../model/load.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'
import type { MapView, OpenCopyView } from './mapView.ts'

/** Players up to which a merge may fill a copy. */
export function mergeLimit({ merge, capacity }: MapPolicy): number {
  return Math.min(capacity.hard, Math.floor(merge.into * capacity.soft))
}

type Shares = Pick<MapView, 'policy' | 'companyShare' | 'constants'>

/** Players that `copies` copies hold before another copy is opened. */
export function comfortCapacity({ policy, companyShare }: Pick<Shares, 'policy' | 'companyShare'>, copies: number): number {
  return policy.capacity.soft * ((policy.open.above - companyShare) * copies + companyShare)
}

/**
 * Most players that `copies` copies may hold for one more copy to be closed. It lies below `comfortCapacity` by the usual fluctuation of a map's
 * population, so that a copy closed at this population is not opened again at the same population (rule C3).
 */
export function mergeCapacity(shares: Shares, copies: number): number {
  const { capacity, merge } = shares.policy
  const { mergeMargin, lastMergeMargin } = shares.constants
  const merged = capacity.soft * merge.into * copies
  return Math.min(comfortCapacity(shares, copies), merged) - capacity.soft * (copies === 1 ? lastMergeMargin : mergeMargin)
}

/** Seats below `limit` that are free in a copy. */
export function freeSeats(limit: number, { players }: OpenCopyView): number {
  return Math.max(0, limit - players)
}

/**
 * Copies that have to exist: seats below the soft cap for the expected players including the reserve, and `open.above` kept for the players who have
 * been there for `open.patience` (a shorter wave opens nothing); plus spare copies as the policy says, within min and max. `present`: copies that
 * are open or opening.
 */
export function wantedCopies(view: MapView, present: number): number {
  const { policy, companyShare, forecast } = view
  const { copies, capacity, open } = policy
  const full = Math.max(1, open.above) * capacity.soft
  const beyond = (forecast.lasting / capacity.soft - companyShare) / (open.above - companyShare)
  const ordinary = forecast.players <= 0 ? 0 : Math.max(1, Math.ceil(forecast.players / full - 1e-9), Math.ceil(beyond - 1e-9))
  const need = Math.max(ordinary, Math.min(besideStrained(view, full), 2 * ordinary + 1))
  const spare = copies.warm === 'auto' ? 0 : 'copies' in copies.warm ? copies.warm.copies : Math.ceil(copies.warm.share * Math.max(need, present))
  return Math.min(copies.max, Math.max(copies.min, need + spare))
}

/**
 * Copies that have to exist because some of them take no newcomers: a strained copy counts as full with the players that it has. At the load level of relief there
 * is another copy for its players, even if nobody is expected. The caller limits the sum: where all nodes are short of CPU, more copies would not help.
 */
function besideStrained({ strained, usable, forecast }: MapView, full: number): number {
  if (strained.size === 0) return 0
  const inside = usable.reduce((sum, { id, players }) => sum + (strained.has(id) ? players : 0), 0)
  const others = Math.ceil(Math.max(0, forecast.players - inside) / full - 1e-9)
  const relief = [...strained.values()].some((load) => load >= LOAD.relief) ? 1 : 0
  return strained.size + Math.max(others, relief)
}

/** Copies that take players now or as soon as they have opened. */
export function openAndOpening(view: MapView): number {
  return view.usable.length + view.opening.length + view.opens
}
