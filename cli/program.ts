import { Command, CommanderError } from 'commander'
import { StrataError } from '../model/errors.ts'
import { accountCommands } from './commands/account.ts'
import { auditCommand } from './commands/audit.ts'
import { consoleAccountCommand } from './commands/consoleAccount.ts'
import { drainCommand } from './commands/drain.ts'
import { explainCommand } from './commands/explain.ts'
import { importCommand } from './commands/import.ts'
import { lintCommand } from './commands/lint.ts'
import { migrateCommand } from './commands/migrate.ts'
import { moderationCommands } from './commands/moderation.ts'
import { redisUsersCommand } from './commands/redisUsers.ts'
import { scriptCommands } from './commands/scripts.ts'
import { statusCommand } from './commands/status.ts'
import { tokenCommand } from './commands/token.ts'
import { violationsCommand } from './commands/violations.ts'
import { type CliContext, exitCode, Refused } from './context.ts'

const AFTER_HELP = `
Addresses and the token come from flags, else from STRATA_ORCHESTRATOR, STRATA_MATCHMAKER, DATABASE_URL and
STRATA_TOKEN (a service token) or OPERATOR_TOKEN, else from the last "npm start" of this checkout (state folder: STRATA_STATE, default .strata).
Exit codes: 0 done, 1 refused or problems found, 2 wrong use, 3 the service does not answer.`

/** Runs one command line. Resolves with its exit code. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
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
  }
}

function program(context: CliContext): Command {
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
  for (const add of [
    statusCommand,
    explainCommand,
    drainCommand,
    auditCommand,
    consoleAccountCommand,
    migrateCommand,
    redisUsersCommand,
    lintCommand,
    tokenCommand,
    importCommand,
    moderationCommands,
    violationsCommand,
    accountCommands,
    scriptCommands,
  ])
    add(strata, context)
  return strata
}
