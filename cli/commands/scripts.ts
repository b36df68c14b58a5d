import type { Command } from 'commander'
import { z } from 'zod'
import { ask } from '../ask.ts'
import { handOver } from '../handOver.ts'
import { findService } from '../services.ts'
import type { Surroundings } from '../surroundings.ts'

interface Script {
  name: string
  script: string
  description: string
  /** More arguments, in front of those that were typed. */
  prepare?(args: readonly string[], here: Surroundings): Promise<string[]>
}

/** Commands that are another script of the checkout, its options and its help included. */
const scripts: Script[] = [
  { name: 'start', script: 'local/main.ts', description: 'runs the whole of it on this machine, as `npm start --` does' },
  { name: 'simulate', script: 'simulate/main.ts', description: 'runs policies over a recorded day in virtual time, as `npm run simulate --` does' },
  {
    name: 'bots',
    script: 'gameserver/demo/bots/main.ts',
    description: 'sends bots into a running world: real clients that walk, talk, travel and form parties',
    prepare: findMatchmaker,
  },
]

export function scriptCommands(strata: Command, here: Surroundings): void {
  for (const { name, script, description, prepare } of scripts) {
    strata
      .command(name)
      .description(description)
      .argument('[options...]')
      .usage('[options]')
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .action(async (args: string[]) => handOver(here, script, [...((await prepare?.(args, here)) ?? []), ...args]))
  }
}

/** Asked first: bots that find nobody try again for a while. */
async function findMatchmaker(args: readonly string[], here: Surroundings): Promise<string[]> {
  if (args.some((arg) => ['--help', '-h', '--matchmaker'].includes(arg) || arg.startsWith('--matchmaker='))) return []
  const service = await findService('matchmaker', undefined, here)
  await ask(service, { path: '/healthz', answer: z.object({ ok: z.literal(true) }), signal: here.signal })
  return ['--matchmaker', service.url]
}
