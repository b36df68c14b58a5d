import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { coresOf, measuredRuns, type Run } from './costs.ts'
import { defaults, planCapacity } from './plan.ts'
import { table } from './table.ts'

const run = (players: number, gameServers: number): Run => ({
  players,
  'coresPerThousand.gameServers': gameServers,
  'coresPerThousand.matchmaker': 0.2,
  'coresPerThousand.orchestrator': 0.2,
  'coresPerThousand.postgres': 0.3,
  'coresPerThousand.redis': 0.1,
  emptyServerMb: 100,
  serverMbPerPlayer: 1,
  redisBytesPerPlayer: 4_096,
  walBytesPerPlayerSecond: 400,
  decisionBytesPerPlayerHour: 40_000,
  ledgerBytesPerPlayerHour: 10_000,
})

it('a fixed part and one for each player pass through the measured runs', () => {
  const cores = coresOf('gameServers', [run(100, 4), run(300, 2)])
  expect(cores(100)).toBeCloseTo(0.4)
  expect(cores(300)).toBeCloseTo(0.6)
  expect(cores(10_300)).toBeCloseTo(10.6)
  expect(() => coresOf('redis', [run(100, 4)])).toThrow(/different numbers/)
})

it('the scarcest of CPU time, players and rooms gives the number of servers', () => {
  const runs = [run(100, 1), run(300, 1)]
  const planned = (more: Partial<typeof defaults>) => planCapacity({ players: 12_000, ...defaults, ...more }, runs).gameServers
  expect(planned({ gameFactor: 4 })).toMatchObject({ servers: 80, limitedBy: 'CPU time', ready: 4, rollOut: 20 })
  expect(planned({ playersPerServer: 100 })).toMatchObject({ servers: 120, limitedBy: 'players' })
  expect(planned({ playersPerCopy: 10 })).toMatchObject({ servers: 200, limitedBy: 'rooms' })
})

it('more players never need less, with the measured figures', () => {
  const sizes = [100, 1_000, 10_000, 100_000].map((players) => planCapacity({ players, ...defaults }, measuredRuns()))
  for (const [index, plan] of sizes.slice(1).entries()) {
    const smaller = sizes[index]
    expect(plan.gameServers.servers).toBeGreaterThan(smaller?.gameServers.servers ?? 0)
    expect(plan.postgres.cores).toBeGreaterThan(smaller?.postgres.cores ?? 0)
    expect(plan.redis.memoryMb).toBeGreaterThan(smaller?.redis.memoryMb ?? 0)
    expect(plan.matchmakers.replicas).toBeGreaterThanOrEqual(smaller?.matchmakers.replicas ?? 0)
  }
})

it('the how-to shows what the command prints now', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/how-to/plan-capacity.md'), 'utf8')
  expect(page).toContain(table(2_000, planCapacity({ players: 2_000, ...defaults }, measuredRuns())))
})
