import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { RunStats } from './runStats.ts'

/** What `--report` writes: counted by watching the directory, and what the bots saw themselves. */
export async function writeReport(file: string, stats: RunStats, bots: Record<string, unknown> | undefined, restarts: number): Promise<void> {
  const { copiesOpened, copiesMerged, movesStarted, movesDone, movesFailed, movesCancelled, partySplits, seatsOverHardCap, openedByMap, failures } = stats
  const report = {
    ...bots,
    copiesOpened,
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
