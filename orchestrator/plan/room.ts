import type { MapPolicy } from '../../model/policy/policy.ts'
import type { MapView, OpenStanding } from './mapView.ts'

/** Up to here a merge may fill a copy. */
export function intoLimit({ merge, capacity }: MapPolicy): number {
  return Math.min(capacity.hard, Math.floor(merge.into * capacity.soft))
}

/**
 * With `warm: auto` this share of every copy but one stays free for the company of those inside: where a guild can be torn, it needs
 * room to grow. One copy for everybody is as together as can be, and is filled up.
 */
const COMPANY_SHARE = 0.08

/** Players that so many copies hold before another one is opened. */
export function comfortable(policy: MapPolicy, copies: number): number {
  return policy.capacity.soft * (perCopyShare(policy) * copies + firstCopyShare(policy))
}

function firstCopyShare({ open, copies }: MapPolicy): number {
  return copies.warm === 'auto' ? Math.min(COMPANY_SHARE, open.above / 2) : 0
}

function perCopyShare(policy: MapPolicy): number {
  return policy.open.above - firstCopyShare(policy)
}

/** Of the soft cap of one copy, how far below `comfortable` a map has to be so that a copy may go. */
const REST_SHARE = 0.08

/**
 * Players that so many copies may hold so that one more can be given up. Below `comfortable` by what a map sways while people
 * come and go: a copy that is closed at this population is not opened again at the same one (rule C3).
 */
export function sparse(policy: MapPolicy, copies: number): number {
  const folded = policy.capacity.soft * policy.merge.into * copies
  return Math.min(comfortable(policy, copies), folded) - policy.capacity.soft * REST_SHARE
}

/** Places left for people who are moved there. */
export function roomUnder(limit: number, { players }: OpenStanding): number {
  return Math.max(0, limit - players)
}

/** Copies that have to exist for so many players: enough for them, spare ones as the policy says, within min and max. */
export function wantedCopies(policy: MapPolicy, players: number, now: number): number {
  const { copies } = policy
  const { capacity } = policy
  const beyond = (players / capacity.soft - firstCopyShare(policy)) / perCopyShare(policy)
  const need = players <= 0 ? 0 : Math.max(1, Math.ceil(beyond - 1e-9))
  const spare = copies.warm === 'auto' ? 0 : 'copies' in copies.warm ? copies.warm.copies : Math.ceil(copies.warm.share * Math.max(need, now))
  return Math.min(copies.max, Math.max(copies.min, need + spare))
}

/** Copies that take people in, or soon will. */
export function standingCopies(view: MapView): number {
  return view.usable.length + view.opening.length + view.opens
}
