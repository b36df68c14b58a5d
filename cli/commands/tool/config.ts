import type { Command } from 'commander'
import { defined } from '../../../model/defined.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CliContext } from '../../context.ts'
import { configPath, currentContext, type Destination, LOCAL, readConfig, unknownContext, writeConfig } from '../../contexts/config.ts'
import { table } from '../../render/table.ts'
import { httpUrl } from '../../services.ts'

interface SetOptions {
  kubernetes?: true | string
  namespace?: string
  orchestrator?: string
  matchmaker?: string
  tokenFile?: string
}

/** Contexts: which world the commands talk to. */
export function configCommands(strata: Command, context: CliContext): void {
  const config = strata
    .command('config')
    .description('contexts: which world the commands talk to')
    .addHelpText(
      'after',
      `\nThe context "${LOCAL}" is the last npm start of this checkout. Flags and STRATA_ORCHESTRATOR, STRATA_MATCHMAKER come before the context.
The file is that of STRATA_CONFIG, else strata/config.yaml in the user's configuration folder.

Examples:
  strata config set-context staging --kubernetes kind-strata --namespace strata
  strata config use-context staging
  strata --context local status`,
    )

  config
    .command('get-contexts')
    .description('lists the contexts; * marks the one in force')
    .action(async () => {
      const { contexts } = await readConfig(context)
      const { name: current } = await currentContext(context)
      const rows = [[LOCAL, 'the last npm start'], ...Object.entries(contexts).map(([name, destination]) => [name, whereOf(destination)])]
      const lines = table(
        [{ head: 'CURRENT' }, { head: 'NAME' }, { head: 'WHERE' }],
        rows.map(([name = '', where = '']) => [name === current ? '*' : '', name, where]),
      )
      context.out.write(`${lines.join('\n')}\n`)
    })

  config
    .command('current-context')
    .description('prints the name of the context in force')
    .action(async () => void context.out.write(`${(await currentContext(context)).name}\n`))

  config
    .command('use-context')
    .description('chooses the context of the next commands')
    .argument('<name>')
    .action(async (name: string) => {
      const present = await readConfig(context)
      if (name !== LOCAL && present.contexts[name] === undefined) throw unknownContext(name, present)
      await writeConfig(context, { ...present, current: name })
      context.out.write(`${name} is the context now\n`)
    })

  config
    .command('set-context')
    .description('adds or replaces a context: a cluster, or addresses')
    .argument('<name>')
    .option('--kubernetes [context]', 'a cluster, by a context of the kubeconfig (default: its current one)')
    .option('--namespace <namespace>', 'with --kubernetes: namespace of Strata')
    .option('--orchestrator <url>', 'address of the orchestrator', httpUrl)
    .option('--matchmaker <url>', 'address of the matchmaker', httpUrl)
    .option('--token-file <file>', 'file with the token that the commands send')
    .action(async (name: string, options: SetOptions) => {
      if (name === LOCAL) throw wrong(`"${LOCAL}" always is the last npm start; choose another name`)
      const present = await readConfig(context)
      await writeConfig(context, { ...present, contexts: { ...present.contexts, [name]: destinationOf(options) } })
      context.out.write(`${name}: written to ${configPath(context)}\n`)
    })

  config
    .command('delete-context')
    .description('removes a context')
    .argument('<name>')
    .action(async (name: string) => {
      const { current, contexts } = await readConfig(context)
      if (contexts[name] === undefined) throw unknownContext(name, { current, contexts })
      const { [name]: _removed, ...rest } = contexts
      await writeConfig(context, { current: current === name ? LOCAL : current, contexts: rest })
      context.out.write(`${name}: removed\n`)
    })
}

function destinationOf({ kubernetes, namespace = 'strata', orchestrator, matchmaker, tokenFile }: SetOptions): Destination {
  if (kubernetes !== undefined) return { kubernetes: defined({ namespace, context: kubernetes === true ? undefined : kubernetes }) }
  if (orchestrator === undefined && matchmaker === undefined) throw wrong('name a cluster with --kubernetes, or addresses with --orchestrator and --matchmaker')
  return defined({ orchestrator, matchmaker, tokenFile })
}

function whereOf(destination: Destination): string {
  if ('kubernetes' in destination)
    return `namespace ${destination.kubernetes.namespace} of ${destination.kubernetes.context ?? 'the current kubeconfig context'}`
  return [destination.orchestrator, destination.matchmaker].filter((one) => one !== undefined).join(', ')
}

function wrong(problem: string): StrataError {
  return new StrataError('SETTING_INVALID', { setting: 'context', problem })
}
