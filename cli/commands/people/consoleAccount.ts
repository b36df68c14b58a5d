import { type Command, InvalidArgumentError } from 'commander'
import { isRole, type Role, roles } from '../../../model/access/roles.ts'
import { hashPassword, newPassword } from '../../../service/keys/password.ts'
import { putConsoleAccount } from '../../../store/accounts/consoleAccounts.ts'
import type { CliContext } from '../../context.ts'
import { findDatabase } from '../../services.ts'

/** Longest name of a person in the console, in characters; the audit log has it with `console:` before it. */
const MAX_NAME = 48

const HELP = `
Roles: ${roles.join(', ')}. An operator may do everything. The roles act within five seconds, also on sessions that are open.
Writes to the database as the owner of its tables. Where the studio has an identity provider, use that instead (CONSOLE_OPENID_ISSUER).

Examples:
  strata console-account anna --role moderator
  strata console-account ben --role designer --role moderator`

export function consoleAccountCommand(strata: Command, context: CliContext): void {
  strata
    .command('console-account')
    .description('makes an account of the console, or gives it new roles and a new password, and prints the password')
    .argument('<name>', 'name of the person', personName)
    .requiredOption('--role <role>', 'what the person may do; repeat it for several', role)
    .option('--database-url <url>', 'database, as the owner of its tables (default: DATABASE_URL, else that of the last "npm start")')
    .addHelpText('after', HELP)
    .action(async (name: string, options: { role: Role[]; databaseUrl?: string }) => {
      const password = newPassword()
      const url = await findDatabase(options.databaseUrl, context)
      await putConsoleAccount(url, { name, roles: options.role, passwordHash: await hashPassword(password) })
      context.out.write(`${password}\n`)
    })
}

function role(text: string, before: Role[] = []): Role[] {
  if (!isRole(text)) throw new InvalidArgumentError(`choose from ${roles.join(', ')}`)
  return [...before, text]
}

function personName(text: string): string {
  if (!/^[\p{L}\p{N}._@-]+$/u.test(text) || text.length > MAX_NAME) throw new InvalidArgumentError(`write at most ${MAX_NAME} letters, digits and . @ _ -`)
  return text
}
