import type { Command } from 'commander'
import { handOver } from '../handOver.ts'
import type { Surroundings } from '../surroundings.ts'

/** Commands that are another script of the checkout, its options and its help included. */
const scripts = [
  { name: 'start', script: 'local/main.ts', description: 'runs the whole of it on this machine, as `npm start --` does' },
  { name: 'simulate', script: 'simulate/main.ts', description: 'runs policies over a recorded day in virtual time, as `npm run simulate --` does' },
]

export function scriptCommands(strata: Command, here: Surroundings): void {
  for (const { name, script, description } of scripts) {
    strata
      .command(name)
      .description(description)
      .argument('[options...]')
      .usage('[options]')
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .action((args: string[]) => handOver(here, script, args))
  }
}
