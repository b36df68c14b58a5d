import type { MapPolicy } from '../../model/policy/policy.ts'
import type { Random } from '../../model/random.ts'
import { CONSTANTS, type Constants } from '../../score/constants.ts'

/** Random settings of a policy: everything that trades company against moves and copies. */
export interface Settings {
  weights: Pick<MapPolicy['placement']['weights'], 'friends' | 'guild' | 'language' | 'room' | 'occupancy'>
  merge: Pick<MapPolicy['merge'], 'below' | 'into' | 'patienceMs' | 'rest'>
  open: Pick<MapPolicy['open'], 'above' | 'patienceMs'>
  reunitePerPlayerHour: number
}

const MINUTE_MS = 60_000

/**
 * Draws settings, and the constants that were a fit to one day before there were budgets. Prices stay at 1 (`highestPrice`), so that nothing holds a budget. The
 * ranges are what a designer might try: half to twice a weight, and shares that keep the policy valid (merge.below under merge.into).
 */
export function drawSettings(random: Random): { settings: Settings; constants: Partial<Constants> } {
  const within = (from: number, to: number): number => from + random() * (to - from)
  const around = (value: number): number => value * 2 ** within(-1, 1)
  const settings: Settings = {
    weights: { friends: around(49), guild: around(62), language: around(22), room: around(45), occupancy: random() < 0.5 ? 0 : within(0, 20) },
    merge: {
      below: within(0.4, 0.9),
      into: within(0.91, 1),
      patienceMs: Math.round(within(10, 55)) * MINUTE_MS,
      rest: Math.floor(within(0, 12)),
    },
    open: { above: within(0.9, 1), patienceMs: Math.round(within(0, 5)) * MINUTE_MS },
    reunitePerPlayerHour: within(0, 0.06),
  }
  const constants = {
    highestPrice: 0,
    companyShare: around(CONSTANTS.companyShare),
    reunionGain: around(CONSTANTS.reunionGain),
    reserveDeviations: within(0, 2),
  }
  return { settings, constants }
}
