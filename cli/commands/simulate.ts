import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { passingOn } from './start.ts'

/** The same as `npm run simulate -- …`. */
export function simulateCommand(here: Surroundings): Command {
  return passingOn('simulate', 'runs policies over a recorded day, in virtual time', 'simulate/main.ts', here)
}
