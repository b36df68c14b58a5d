import { expect, it } from 'vitest'
import type { Census } from '../../model/census.ts'
import { noSums } from '../../score/day/daySums.ts'
import { SAMPLE_MS, Timeline } from './timeline.ts'

const nobody: Census = { at: 0, maps: new Map(), servers: new Map(), whereabouts: new Map() }

it('shows the cohesion of friends and languages of each span of time, and none where nothing was scored', () => {
  const clock = { now: () => now }
  let now = 0
  const timeline = new Timeline(clock)
  const sample = (moves: number, sums: { friendSame: number; friendAll: number; language: number; languageBest: number }): void => {
    now += SAMPLE_MS
    timeline.sample(nobody, moves, { ...noSums(), ...sums })
  }
  sample(4, { friendSame: 900, friendAll: 1_000, language: 80, languageBest: 100 })
  sample(6, { friendSame: 905, friendAll: 1_020, language: 100, languageBest: 125 })
  // Another orchestrator leads meanwhile.
  sample(6, { friendSame: 905, friendAll: 1_020, language: 100, languageBest: 125 })
  const { at, moves, friendCohesion, languageShare } = timeline.since(0)
  expect({ at, moves, friendCohesion, languageShare }).toEqual({
    at: [10_000, 20_000, 30_000],
    moves: [0, 2, 0],
    friendCohesion: [null, 0.25, null],
    languageShare: [null, 0.8, null],
  })
  expect(timeline.since(20_000).at).toEqual([30_000])
})
