import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import { ownScript } from '../../../service/installation.ts'
import { ask } from '../../ask.ts'
import type { CliContext } from '../../context.ts'
import { findService } from '../../services.ts'

interface Script {
  name: string
  script: string
  description: string
  /** Returns arguments to put in front of the typed ones. */
  prepare?(args: readonly string[], context: CliContext): Promise<string[]>
}

/** Commands that run another of Strata's scripts, with its options and its help. The npm package lacks the demo, so it has no `bots`. */
const scripts: Script[] = [
  { name: 'start', script: 'local/main', description: 'runs all of Strata on this machine, like `npm start --`' },
  { name: 'simulate', script: 'simulate/main', description: 'runs policies over a recorded day in virtual time, like `npm run simulate --`' },
  {
    name: 'bots',
    script: 'gameserver/demo/bots/main',
    description: 'sends bots into a running world: real clients that walk, chat, travel and form parties',
    prepare: findMatchmaker,
  },
]

export function scriptCommands(strata: Command, context: CliContext): void {
  for (const { name, script, description, prepare } of scripts.filter((one) => existsSync(ownScript(one.script)))) {
    strata
      .command(name)
      .description(description)
      .argument('[options...]')
      .usage('[options]')
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .action(async (args: string[]) => handOver(context, script, [...((await prepare?.(args, context)) ?? []), ...args]))
  }
}

/**
 * Replaces this process by another script of Strata (exec). Process id, terminal, signals and exit code then belong to the script,
 * and it parses all its options itself.
 */
function handOver({ environment }: CliContext, script: string, args: readonly string[]): never {
  process.execve?.(process.execPath, [process.execPath, ownScript(script), ...args], environment)
  throw new Error(`This system cannot replace a process. Run: node ${ownScript(script)} ${args.join(' ')}`)
}

/** Checks first that a matchmaker answers; the bots themselves would retry for a while without an error. */
async function findMatchmaker(args: readonly string[], context: CliContext): Promise<string[]> {
  if (args.some((arg) => ['--help', '-h', '--matchmaker'].includes(arg) || arg.startsWith('--matchmaker='))) return []
  const service = await findService('matchmaker', undefined, context)
  await ask(service, { path: '/healthz', answer: z.object({ ok: z.literal(true) }), signal: context.signal })
  return ['--matchmaker', service.url]
}
