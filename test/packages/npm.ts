import { execFile } from 'node:child_process'
import { delimiter, dirname } from 'node:path'
import { promisify } from 'node:util'

/** Longest time of one command, in ms: an installation from an empty cache downloads 100 MB. */
const TIMEOUT_MS = 300_000

/** The environment of a studio's machine: the Node of this process, and none of the databases of other tests. */
export function studioEnvironment(): NodeJS.ProcessEnv {
  const { REDIS_URL: _redis, DATABASE_URL: _database, VITEST: _vitest, NODE_ENV: _env, ...env } = process.env
  for (const name of Object.keys(env)) if (name.startsWith('npm_') || name.startsWith('VITEST_')) delete env[name]
  return { ...env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`, npm_config_prefer_offline: 'true' }
}

/** Runs npm in a folder. Returns what it printed; the error of a failure has it, too. */
export function npm(folder: string, ...args: string[]): Promise<string> {
  return run(folder, 'npm', ...args)
}

/** Runs a program in a folder. Returns its standard output. Its failure has all that it printed. */
export async function run(folder: string, program: string, ...args: string[]): Promise<string> {
  const options = { cwd: folder, env: studioEnvironment(), timeout: TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 }
  try {
    return (await promisify(execFile)(program, args, options)).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string } // a failure of execFile has both
    throw Object.assign(new Error(`${program} ${args.join(' ')} failed\n${stdout}${stderr}`), { stdout })
  }
}
