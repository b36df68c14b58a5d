import { Command, CommanderError } from 'commander'
import { StrataError } from '../model/errors.ts'
import { auditCommand } from './commands/audit.ts'
import { drainCommand } from './commands/drain.ts'
import { explainCommand } from './commands/explain.ts'
import { lintCommand } from './commands/lint.ts'
import { scriptCommands } from './commands/scripts.ts'
import { statusCommand } from './commands/status.ts'
import { exitCode, Refused, type Surroundings } from './surroundings.ts'

const AFTER_HELP = `
Addresses and the token come from flags, else from STRATA_ORCHESTRATOR, STRATA_MATCHMAKER, DATABASE_URL and
OPERATOR_TOKEN, else from the last "npm start" of this checkout (STRATA_STATE, usually .strata).
Exit codes: 0 done, 1 the answer is no, 2 wrong use, 3 nobody answers.`

/** One run of the command line; resolves to its exit code. */
export async function runCli(argv: readonly string[], here: Surroundings): Promise<number> {
  const say = (error: Error): unknown => here.problems.write(`strata: ${error.message}\n`)
  try {
    await program(here).parseAsync(argv, { from: 'user' })
    return exitCode.done
  } catch (error) {
    if (error instanceof Refused) return exitCode.no
    // Commander has said what was wrong, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.wrongUse
    if (here.signal.aborted) return exitCode.interrupted
    if (!(error instanceof StrataError)) throw error
    say(error)
    if (error.code === 'OPERATOR_TOKEN') here.problems.write('The token is read from OPERATOR_TOKEN, or from the file that --token-file names.\n')
    if (error.code === 'SERVICE_UNREACHABLE' || error.row.status === 503) return exitCode.nobodyAnswers
    return error.code === 'SETTING_INVALID' || error.code === 'FILE_UNREADABLE' ? exitCode.wrongUse : exitCode.no
  }
}

function program(here: Surroundings): Command {
  const strata = new Command('strata')
    .description('Looks into a running Strata and directs it.')
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => here.out.write(text),
      writeErr: (text) => here.problems.write(text),
      getOutHelpWidth: () => here.columns,
      getErrHelpWidth: () => here.columns,
    })
    .showHelpAfterError('(add --help for what it understands)')
    .addHelpText('after', AFTER_HELP)
    .exitOverride()
  for (const add of [statusCommand, explainCommand, drainCommand, auditCommand, lintCommand, scriptCommands]) add(strata, here)
  return strata
}
