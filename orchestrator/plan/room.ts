import type { MapPolicy } from '../../model/policy/policy.ts'
import type { MapView, OpenStanding } from './mapView.ts'

/** Up to here a merge may fill a copy. */
export function intoLimit({ merge, capacity }: MapPolicy): number {
  return Math.min(capacity.hard, Math.floor(merge.into * capacity.soft))
}

/** Players that so many copies hold before another one is opened. */
export function comfortable({ open, capacity }: MapPolicy, copies: number): number {
  return open.above * capacity.soft * copies
}

/** Of the soft cap of one copy, how far below `comfortable` a map has to be so that a copy may go, and how much further for each that stays. */
const REST_SHARE = 0.13
const REST_SHARE_PER_COPY = 0.02

/**
 * Players that so many copies may hold so that one more can be given up. Below `comfortable` by what a map sways while people
 * come and go: a copy that is closed at this population is not opened again at the same one (rule C3).
 */
export function sparse(policy: MapPolicy, copies: number): number {
  const share = Math.min(policy.merge.into, policy.open.above)
  return policy.capacity.soft * (share * copies - REST_SHARE - REST_SHARE_PER_COPY * copies)
}

/** Places left for people who are moved there. */
export function roomUnder(limit: number, { players }: OpenStanding): number {
  return Math.max(0, limit - players)
}

/** Copies that have to exist for so many players: enough for them, spare ones as the policy says, within min and max. */
export function wantedCopies(policy: MapPolicy, players: number, now: number): number {
  const { copies } = policy
  const perCopy = comfortable(policy, 1)
  const need = Math.ceil(players / perCopy - 1e-9)
  const spare = copies.warm === 'auto' ? 0 : 'copies' in copies.warm ? copies.warm.copies : Math.ceil(copies.warm.share * Math.max(need, now))
  return Math.min(copies.max, Math.max(copies.min, need + spare))
}

/** Copies that take people in, or soon will. */
export function standingCopies(view: MapView): number {
  return view.usable.length + view.opening.length + view.opens
}
