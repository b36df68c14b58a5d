import { Command } from 'commander'
import { handOver } from '../handOver.ts'
import type { Surroundings } from '../surroundings.ts'

/** The same as `npm start -- …`; its options are its own, so `strata start --help` is its help. */
export function startCommand(here: Surroundings): Command {
  return passingOn('start', 'runs the whole of it on this machine, as npm start does', 'local/main.ts', here)
}

/** A command that is another script of the checkout, options and help included. */
export function passingOn(name: string, description: string, script: string, here: Surroundings): Command {
  return new Command(name)
    .description(description)
    .argument('[options...]')
    .usage('[options]')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action((args: string[]) => handOver(here, script, args))
}
