import { Command } from 'commander'
import { aboveZero } from '../../service/terminal/options.ts'
import { measuredRuns } from './costs.ts'
import { defaults, type Expectation, planCapacity } from './plan.ts'
import { table } from './table.ts'

/** `npm run capacity -- --players N`: machines and databases for this many players, from the figures of `npm run bench -- footprint`. */
const expected = new Command('npm run capacity --')
  .requiredOption('--players <n>', 'players at once at the peak', aboveZero)
  .option('--mean-share <share>', 'mean over the day as a share of the peak', aboveZero, defaults.meanShare)
  .option('--minutes-to-enter <m>', 'minutes in which all of them enter after a release', aboveZero, defaults.minutesToEnter)
  .option('--players-per-server <n>', 'counter `players` of the Fleet', aboveZero, defaults.playersPerServer)
  .option('--rooms-per-server <n>', 'counter `rooms` of the Fleet', aboveZero, defaults.roomsPerServer)
  .option('--players-per-copy <n>', 'players of a copy at the peak', aboveZero, defaults.playersPerCopy)
  .option('--core-share <share>', 'share of a core that a game server or a matchmaker may use', aboveZero, defaults.coreShare)
  .option('--game-factor <x>', 'CPU time of your game for a player, where the demo is 1', aboveZero, defaults.gameFactor)
  .parse()
  .opts<Expectation>()

process.stdout.write(`${table(expected.players, planCapacity(expected, measuredRuns()))}\n`)
