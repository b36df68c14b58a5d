import type { MapPolicy } from '../../../model/policy/policy.ts'
import type { MapView, OpenStanding } from './mapView.ts'

/** Up to here a merge may fill a copy. */
export function intoLimit({ merge, capacity }: MapPolicy): number {
  return Math.min(capacity.hard, Math.floor(merge.into * capacity.soft))
}

type Room = Pick<MapView, 'policy' | 'companyShare'>

/** Players that so many copies hold before another one is opened. */
export function comfortable({ policy, companyShare }: Room, copies: number): number {
  return policy.capacity.soft * ((policy.open.above - companyShare) * copies + companyShare)
}

/** Of the soft cap of one copy, how far below `comfortable` a map has to be so that a copy may go; less before the last two become one. */
const REST_SHARE = 0.07
const LAST_REST_SHARE = 0.03

/**
 * Players that so many copies may hold so that one more can be given up. Below `comfortable` by what a map sways while people
 * come and go: a copy that is closed at this population is not opened again at the same one (rule C3).
 */
export function sparse(room: Room, copies: number): number {
  const { capacity, merge } = room.policy
  const folded = capacity.soft * merge.into * copies
  return Math.min(comfortable(room, copies), folded) - capacity.soft * (copies === 1 ? LAST_REST_SHARE : REST_SHARE)
}

/** Places left for people who are moved there. */
export function roomUnder(limit: number, { players }: OpenStanding): number {
  return Math.max(0, limit - players)
}

/**
 * Copies that have to exist: soft seats for everybody who is expected, chance included, and comfort for those who have been there for a
 * while (a wave that ebbs within `open.patience` opens nothing); spare ones as the policy says, within min and max.
 */
export function wantedCopies(view: MapView, now: number): number {
  const { policy, companyShare, forecast } = view
  const { copies, capacity, open } = policy
  const full = Math.max(1, open.above) * capacity.soft
  const beyond = (forecast.lasting / capacity.soft - companyShare) / (open.above - companyShare)
  const need = forecast.players <= 0 ? 0 : Math.max(1, Math.ceil(forecast.players / full - 1e-9), Math.ceil(beyond - 1e-9))
  const spare = copies.warm === 'auto' ? 0 : 'copies' in copies.warm ? copies.warm.copies : Math.ceil(copies.warm.share * Math.max(need, now))
  return Math.min(copies.max, Math.max(copies.min, need + spare))
}

/** Copies that take people in, or soon will. */
export function standingCopies(view: MapView): number {
  return view.usable.length + view.opening.length + view.opens
}
