import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StrataError } from '../model/errors.ts'
import { commandOf } from './services/ownedProcess.ts'

/** Allows one `npm start` per state folder: two would use the same database and game servers. Throws ALREADY_RUNNING. */
export async function lockState(state: string): Promise<AsyncDisposable> {
  const file = join(state, 'supervisor.pid')
  const owner = Number(await readFile(file, 'utf8').catch(() => ''))
  if (owner > 0 && owner !== process.pid && commandOf(owner)?.includes('local/main.') === true) {
    throw new StrataError('ALREADY_RUNNING', { what: 'Strata', folder: state, pid: owner })
  }
  await writeFile(file, String(process.pid))
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) }
}
