import { Command, CommanderError } from 'commander'
import { StrataError } from '../model/errors.ts'
import { auditCommand } from './commands/database/audit.ts'
import { importCommand } from './commands/database/import.ts'
import { migrateCommand } from './commands/database/migrate.ts'
import { recordCommands } from './commands/database/record.ts'
import { redisUsersCommand } from './commands/database/redisUsers.ts'
import { drainCommand } from './commands/operate/drain.ts'
import { orderCommands } from './commands/operate/orders.ts'
import { webhookCommands } from './commands/operate/webhooks.ts'
import { accountCommands } from './commands/people/account.ts'
import { consoleAccountCommand } from './commands/people/consoleAccount.ts'
import { moderationCommands } from './commands/people/moderation.ts'
import { tokenCommand } from './commands/people/token.ts'
import { violationsCommand } from './commands/people/violations.ts'
import { diffCommand } from './commands/policies/diff.ts'
import { lintCommand } from './commands/policies/lint.ts'
import { completionCommands } from './commands/tool/completion.ts'
import { configCommands } from './commands/tool/config.ts'
import { logsCommand } from './commands/tool/logs.ts'
import { scriptCommands } from './commands/tool/scripts.ts'
import { describeCommand } from './commands/world/describe.ts'
import { explainCommand } from './commands/world/explain.ts'
import { getCommand } from './commands/world/get.ts'
import { statusCommand } from './commands/world/status.ts'
import { topCommand } from './commands/world/top.ts'
import { type CliContext, exitCode, exitCodes, Refused } from './context.ts'

const AFTER_HELP = `
Addresses and the token come from flags, else from STRATA_ORCHESTRATOR, STRATA_MATCHMAKER, DATABASE_URL and
STRATA_TOKEN (a service token) or OPERATOR_TOKEN, else from the context (strata config), else from the last "npm start" of this
checkout (state folder: STRATA_STATE, default .strata).
Exit codes: ${Object.values(exitCodes)
  .map(({ code, meaning }) => `${code} ${meaning}`)
  .join(', ')}.`

/** Runs one command line. Resolves with its exit code. */
export async function runCli(argv: readonly string[], given: CliContext): Promise<number> {
  const ends: (() => void)[] = []
  const context = { ...given, onEnd: (stop: () => void) => void ends.push(stop) }
  const printError = (error: Error): unknown => context.problems.write(`strata: ${error.message}\n`)
  try {
    await program(context).parseAsync(argv, { from: 'user' })
    return exitCode.done
  } catch (error) {
    if (error instanceof Refused) return exitCode.refused
    // Commander has already printed the error or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.wrongUse
    if (context.signal.aborted) return exitCode.interrupted
    if (!(error instanceof StrataError)) throw error
    printError(error)
    if (error.code === 'OPERATOR_TOKEN' || error.code === 'SERVICE_TOKEN')
      context.problems.write('The token is read from STRATA_TOKEN or OPERATOR_TOKEN, or from the file that --token-file names.\n')
    if (error.code === 'SERVICE_UNREACHABLE' || error.row.status === 503) return exitCode.unreachable
    return error.code === 'SETTING_INVALID' || error.code === 'FILE_UNREADABLE' || error.code === 'FILE_UNWRITABLE' ? exitCode.wrongUse : exitCode.refused
  } finally {
    for (const stop of ends) stop()
  }
}

/** The whole command line; docs/reference/cli.md is made from it. */
export function program(context: CliContext): Command {
  const strata = new Command('strata')
    .description('Inspects and controls a running Strata.')
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.problems.write(text),
      getOutHelpWidth: () => context.columns,
      getErrHelpWidth: () => context.columns,
    })
    .showHelpAfterError('(--help lists commands and options)')
    .addHelpText('after', AFTER_HELP)
    .exitOverride()
  strata.option('--context <name>', 'context to use for this command (or STRATA_CONTEXT)')
  strata.hook('preAction', () => {
    const { context: chosen } = strata.opts<{ context?: string }>()
    if (chosen !== undefined) context.environment = { ...context.environment, STRATA_CONTEXT: chosen }
  })
  for (const [group, commands] of groups) {
    strata.commandsGroup(group)
    for (const add of commands) add(strata, context)
  }
  return strata
}

/** The commands in the order of the help. */
const groups: readonly [string, readonly ((strata: Command, context: CliContext) => void)[]][] = [
  ['See the world:', [statusCommand, getCommand, describeCommand, topCommand, explainCommand, logsCommand]],
  ['Operate it:', [drainCommand, orderCommands, webhookCommands]],
  ['Players:', [moderationCommands, violationsCommand, accountCommands, consoleAccountCommand]],
  ['Policies:', [lintCommand, diffCommand]],
  ['Data:', [recordCommands, auditCommand, migrateCommand, redisUsersCommand, importCommand]],
  ['Run and set up:', [scriptCommands, configCommands, tokenCommand, completionCommands]],
]
