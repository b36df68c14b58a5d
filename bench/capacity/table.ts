import type { CapacityPlan } from './plan.ts'

/** The plan as lines for a terminal. */
export function table(players: number, { beyondMeasured, gameServers, matchmakers, orchestrators, postgres, redis }: CapacityPlan): string {
  const number = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)))
  const rows = [
    ['game servers', `${gameServers.servers} (limited by ${gameServers.limitedBy}), ${gameServers.ready} Ready, ${gameServers.rollOut} more in a roll-out`],
    ['', `${number(gameServers.cores)} cores used, ${number(gameServers.memoryGb)} GB`],
    ['matchmakers', `${matchmakers.replicas}, ${number(matchmakers.entersPerSecond)} entries a second, ${number(matchmakers.cores)} cores used`],
    ['orchestrators', `${orchestrators.replicas}, ${orchestrators.copies} copies, ${number(orchestrators.cores)} cores used`],
    [
      'PostgreSQL',
      `${number(postgres.cores)} cores used, ${number(postgres.walMbPerSecond)} MB of log a second, ${number(postgres.decisionsGb)} GB of decisions, ${number(postgres.ledgerGbPerMonth)} GB of ledger a month`,
    ],
    ['Redis', `${number(redis.cores)} cores used, ${number(redis.memoryMb)} MB`],
  ]
  return [
    `${players} players at the peak, ${number(beyondMeasured)} times the largest measured run`,
    ...rows.map(([what = '', text = '']) => `  ${what.padEnd(14)}${text}`),
  ].join('\n')
}
