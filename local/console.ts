import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { glob, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { hashPassword, newPassword } from '../service/keys/password.ts'
import { hasConsoleAccounts, putConsoleAccount } from '../store/accounts/consoleAccounts.ts'

const root = resolve(import.meta.dirname, '..')
const dist = join(root, 'console/dist')
/** Name of the account that the first start makes. */
const FIRST_ACCOUNT = 'admin'
/** What the page is made of. */
const sources = ['console/*.{ts,html,json}', 'console/src/**/*', 'model/**/*.ts', 'score/**/*.ts', 'package-lock.json']

/** Makes the console's first account, with the role operator. Returns its password, which is stored as a hash only; undefined: there are accounts already. */
export async function ensureConsoleAccount(database: string): Promise<string | undefined> {
  if (await hasConsoleAccounts(database)) return undefined
  const password = newPassword()
  await putConsoleAccount(database, { name: FIRST_ACCOUNT, roles: ['operator'], passwordHash: await hashPassword(password) })
  return password
}

/** How to sign in, for the first lines of `npm start`. */
export function consoleHint({ consolePassword, production }: { consolePassword: string | undefined; production: object | undefined }): string {
  if (!existsSync(join(dist, 'index.html'))) return 'not built: npm install, then npm run build:console'
  const account =
    consolePassword === undefined
      ? `account ${FIRST_ACCOUNT}; a new password: npx strata console-account ${FIRST_ACCOUNT} --role operator`
      : `account ${FIRST_ACCOUNT}, password ${consolePassword}, shown once`
  return production === undefined ? account : `at the identity provider, or ${account}`
}

/** Builds the page when it is missing or older than its sources. A failure is reported and stops nothing: the rest of Strata needs no page. */
export async function buildConsole(step: (what: string) => void, stopping: AbortSignal): Promise<void> {
  if (!(await isStale())) return
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  if (!existsSync(vite)) return
  step('building the console')
  // Built aside, so that another start never serves half of it.
  const made = `${dist}.${process.pid}`
  const ended = await new Promise<number | null>((done) => {
    const child = spawn(process.execPath, [vite, 'build', 'console', '--outDir', made, '--logLevel', 'error'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    stopping.addEventListener('abort', () => child.kill(), { once: true })
    child.once('error', () => done(1))
    child.once('close', done)
  })
  if (ended === 0) {
    await rm(dist, { recursive: true, force: true })
    // Another start of this checkout may have put its own build there at this moment: that one is as new.
    await rename(made, dist).catch(() => undefined)
  } else if (!stopping.aborted) step('the console could not be built; run "npm run build:console" to see why')
  await rm(made, { recursive: true, force: true })
}

async function isStale(): Promise<boolean> {
  const built = await stat(join(dist, 'index.html')).catch(() => undefined)
  if (built === undefined) return true
  for await (const file of glob(sources, { cwd: root })) {
    const { mtimeMs } = await stat(join(root, file))
    if (mtimeMs > built.mtimeMs) return true
  }
  return false
}
