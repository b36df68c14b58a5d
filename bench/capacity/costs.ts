import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Names of figures of `npm run bench -- footprint` in docs/figures/capacity.json. */
export type Figure =
  | 'players'
  | 'coresPerThousand.gameServers'
  | 'coresPerThousand.matchmaker'
  | 'coresPerThousand.orchestrator'
  | 'coresPerThousand.postgres'
  | 'coresPerThousand.redis'
  | 'emptyServerMb'
  | 'serverMbPerPlayer'
  | 'redisBytesPerPlayer'
  | 'walBytesPerPlayerSecond'
  | 'decisionBytesPerPlayerHour'
  | 'ledgerBytesPerPlayerHour'
export type Run = Record<Figure, number>

const file = join(import.meta.dirname, '../../docs/figures/capacity.json')

/** The measured runs, the one with the fewest players first. */
export function measuredRuns(): Run[] {
  const { runs } = JSON.parse(readFileSync(file, 'utf8')) as { runs: { report: Run }[] } // checked by checks/reference/figures.ts
  return runs.map(({ report }) => report).sort((a, b) => a.players - b.players)
}

/** Cores of a process for any number of players: a fixed part and one for each player, through the smallest and the largest run. */
export function coresOf(process: 'gameServers' | 'matchmaker' | 'orchestrator' | 'postgres' | 'redis', runs: readonly Run[]): (players: number) => number {
  const used = (run: Run | undefined): number => ((run?.[`coresPerThousand.${process}`] ?? 0) * (run?.players ?? 0)) / 1_000
  const [small, large] = [runs[0], runs.at(-1)]
  const span = (large?.players ?? 0) - (small?.players ?? 0)
  if (span <= 0) throw new Error('docs/figures/capacity.json needs runs with different numbers of players')
  const each = Math.max(0, (used(large) - used(small)) / span)
  const fixed = Math.max(0, used(small) - each * (small?.players ?? 0))
  return (players) => fixed + each * players
}
