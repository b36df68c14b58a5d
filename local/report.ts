import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { RunStats } from './runStats.ts'

interface RunReport {
  stats: RunStats
  /** What the bots counted; undefined when none ran. */
  bots: Record<string, unknown> | undefined
  /** Restarts of the orchestrator and the matchmaker. */
  restarts: number
}

/** Writes the file of `--report`: counts from the directory's events, and what the bots counted. */
export async function writeReport(file: string, { stats, bots, restarts }: RunReport): Promise<void> {
  const {
    copiesOpened,
    instancesOpened,
    copiesMerged,
    movesStarted,
    movesDone,
    movesFailed,
    movesCancelled,
    partySplits,
    seatsOverHardCap,
    openedByMap,
    failures,
  } = stats
  const report = {
    ...bots,
    copiesOpened,
    instancesOpened,
    copiesMerged,
    movesStarted,
    movesDone,
    movesFailed,
    movesCancelled,
    partySplits,
    seatsOverHardCap,
    copiesOpenedByMap: openedByMap,
    moveFailures: failures,
    restarts,
  }
  await writeFile(resolve(file), `${JSON.stringify(report, undefined, 2)}\n`)
}
