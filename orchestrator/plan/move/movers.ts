import type { CharacterId } from '../../../model/ids.ts'
import { CONSTANTS } from '../../../score/constants.ts'
import type { PlanInput } from '../action.ts'
import { pricesOf } from '../budget/spending.ts'
import { evacuationPerMinute } from './evacuation.ts'
import { waitsForDepartures } from './moveParties.ts'

/**
 * Characters that the next plan may move out of closing copies: for each map as many as may be moved within a minute. The caller reads their people from
 * the store (`PlanInput.people`), so that the scorer knows friends and blocks; seats do not say them.
 */
export function movers({
  census,
  policies,
  draining,
  memory,
  now,
  constants = CONSTANTS,
}: Pick<PlanInput, 'census' | 'policies' | 'draining' | 'memory' | 'now' | 'constants'>): CharacterId[] {
  const found: CharacterId[] = []
  const prices = pricesOf(memory.spending, constants)
  for (const [map, policy] of policies) {
    if (policy.kind === 'instance') continue
    const copies = [...(census.maps.get(map)?.copies.values() ?? [])]
    const leaving = copies.flatMap(({ copy, seats }) =>
      copy.state === 'closing' ? [{ players: seats.size, leavesBy: census.servers.get(copy.server)?.leavesBy ?? Number.POSITIVE_INFINITY }] : [],
    )
    let left = Math.max(policy.moves.perMinute, evacuationPerMinute(leaving, now))
    for (const copy of copies) {
      if (left <= 0) break
      if (copy.copy.state !== 'closing' || (!draining.has(copy.copy.server) && waitsForDepartures(copy, copy.copy, { policy, prices, constants, now })))
        continue
      for (const { character, state } of copy.seats.values()) {
        if (left <= 0) break
        if (state !== 'taken') continue
        found.push(character)
        left--
      }
    }
  }
  return found
}
