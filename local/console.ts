import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { hashPassword, newPassword } from '../service/keys/password.ts'
import { hasConsoleAccounts, putConsoleAccount } from '../store/accounts/consoleAccounts.ts'
import { buildPage, pageFolder } from './pages.ts'

/** Name of the account that the first start makes. */
const FIRST_ACCOUNT = 'admin'
const page = { name: 'console', folder: 'console', sources: ['model/**/*.ts', 'score/**/*.ts'] }

/** Makes the console's first account, with the role operator. Returns its password, which is stored as a hash only; undefined: there are accounts already. */
export async function ensureConsoleAccount(database: string): Promise<string | undefined> {
  if (await hasConsoleAccounts(database)) return undefined
  const password = newPassword()
  await putConsoleAccount(database, { name: FIRST_ACCOUNT, roles: ['operator'], passwordHash: await hashPassword(password) })
  return password
}

/** How to sign in, for the first lines of `npm start`. */
export function consoleHint({ consolePassword, production }: { consolePassword: string | undefined; production: object | undefined }): string {
  if (!existsSync(join(pageFolder(page), 'index.html'))) return 'not built: npm install, then npm run build:console'
  const account =
    consolePassword === undefined
      ? `account ${FIRST_ACCOUNT}; a new password: npx strata console-account ${FIRST_ACCOUNT} --role operator`
      : `account ${FIRST_ACCOUNT}, password ${consolePassword}, shown once`
  return production === undefined ? account : `at the identity provider, or ${account}`
}

/** Builds the page when it is missing or older than its sources. */
export function buildConsole(step: (what: string) => void, stopping: AbortSignal): Promise<void> {
  return buildPage(page, step, stopping)
}
