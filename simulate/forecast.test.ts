import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { forecastMap, remember, type Sample } from '../orchestrator/plan/forecast/forecast.ts'
import { toyPolicy } from '../orchestrator/plan/testing/toyPolicy.ts'
import { isLayered, readTrace, SAMPLE_SECONDS } from './population/trace.ts'

const TRACE = '../shared/traces/megaserver_day.csv.gz'

it.skipIf(!existsSync(TRACE))(
  `forecasts on a recorded day, ten minutes ahead, cover what comes and ask for little more (skipped without ${TRACE})`,
  async () => {
    const { avatars, zones, samples } = await readTrace(TRACE)
    const population = new Map<number, number[]>()
    for (const { stays } of avatars) {
      for (const { zone, first, last } of stays) {
        if (!isLayered(zones.get(zone))) continue
        const counts = population.get(zone) ?? new Array<number>(samples).fill(0)
        population.set(zone, counts)
        for (let t = first; t <= last; t++) counts[t] = (counts[t] ?? 0) + 1
      }
    }
    const policy = toyPolicy({ open: { leadTime: `${SAMPLE_SECONDS / 60}m`, above: '75%' } })
    let [moments, covered, came, expected] = [0, 0, 0, 0]
    for (const counts of population.values()) {
      let known: readonly Sample[] = []
      for (let t = 0; t + 1 < samples; t++) {
        const [players, next] = [counts[t] ?? 0, counts[t + 1] ?? 0]
        const forecast = forecastMap({ samples: known, players, now: t * SAMPLE_SECONDS * 1000, policy })
        known = remember(known, players, t * SAMPLE_SECONDS * 1000, policy)
        if (t < 12 || players < 50) continue
        moments++
        if (next <= forecast.players) covered++
        came += next
        expected += forecast.players
      }
    }
    expect(moments).toBeGreaterThan(2000)
    // The reserve of half a deviation keeps three of four moments; the rest finds the seats above soft, or those of comfort.
    expect(covered / moments).toBeGreaterThan(0.75)
    expect(expected / came).toBeLessThan(1.15)
  },
  60_000,
)
