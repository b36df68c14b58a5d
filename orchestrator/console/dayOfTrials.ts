import { resolve } from 'node:path'
import type { Census } from '../../model/census.ts'
import type { MapName } from '../../model/ids.ts'
import type { Policies } from '../../model/policy/policy.ts'
import type { Timeline } from '../live/timeline.ts'

/** Least players of a generated day: fewer tell nothing about a policy. */
const LEAST_PLAYERS = 200
/** Most players of a generated day, so that a trial ends within minutes. */
const MOST_PLAYERS = 10_000

export interface DayInput {
  /** File of a recorded day. */
  recorded: string | undefined
  /** Path of the game's placement code. */
  code: string | undefined
  policies: Policies
  census: Census
  timeline: Pick<Timeline, 'since'>
}

/** Arguments that name the day for the simulator: the recorded one, else a generated one on the maps of this world, with as many players as it had. */
export function dayOfTrials({ recorded, code, policies, census, timeline }: DayInput): string[] {
  const ownCode = code === undefined ? [] : ['--code', resolve(code)]
  if (recorded !== undefined) return ['--trace', resolve(recorded), ...ownCode]
  const peak = Math.max(...timeline.since(0).players, census.whereabouts.size)
  const players = Math.min(MOST_PLAYERS, Math.max(LEAST_PLAYERS, peak))
  const seats = (map: MapName): number => [...(census.maps.get(map)?.copies.values() ?? [])].reduce((sum, copy) => sum + copy.seats.size, 0)
  const maps = [...policies.values()].filter(({ kind }) => kind === 'zone').map(({ map }) => map)
  const busiest = maps.map((map) => ({ map, players: seats(map) })).sort((a, b) => b.players - a.players || (a.map < b.map ? -1 : 1))
  return ['--generate', 'ordinary', '--realms', '1', '--players', String(players), '--maps', busiest.map(({ map }) => map).join(','), ...ownCode]
}
