import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { StrataError } from '../../model/errors.ts'
import { didYouMean } from '../../model/policy/didYouMean.ts'
import type { CliContext } from '../context.ts'

/** The context that always exists: the last `npm start` of this checkout. */
export const LOCAL = 'local'

const addresses = z.strictObject({
  orchestrator: z.url().exactOptional(),
  matchmaker: z.url().exactOptional(),
  /** File with the token of the caller. */
  tokenFile: z.string().min(1).exactOptional(),
})
const cluster = z.strictObject({
  kubernetes: z.strictObject({
    /** Context of the kubeconfig; absent: its current one. */
    context: z.string().min(1).exactOptional(),
    namespace: z.string().min(1).default('strata'),
  }),
})
const configFile = z.strictObject({
  current: z.string().min(1).default(LOCAL),
  contexts: z.record(z.string().min(1), z.union([cluster, addresses])).default({}),
})
export type Config = z.infer<typeof configFile>
export type Destination = Config['contexts'][string]

/** The file that STRATA_CONFIG names, else one in the user's configuration folder. */
export function configPath({ environment, folder }: CliContext): string {
  const set = environment['STRATA_CONFIG']
  if (set !== undefined && set !== '') return resolve(folder, set)
  return join(environment['XDG_CONFIG_HOME'] || join(environment['HOME'] ?? homedir(), '.config'), 'strata', 'config.yaml')
}

/** The file, or an empty configuration when there is none. Throws FILE_UNREADABLE that names what to correct. */
export async function readConfig(context: CliContext): Promise<Config> {
  const file = configPath(context)
  const unreadable = (problem: string, cause: unknown): StrataError => new StrataError('FILE_UNREADABLE', { file, problem }, { cause })
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException // what readFile throws
    if (code === 'ENOENT') return configFile.parse({})
    throw unreadable(code ?? String(error), error)
  }
  try {
    return configFile.parse(parse(text) ?? {})
  } catch (error) {
    const problem = error instanceof z.ZodError ? error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') : String(error)
    throw unreadable(problem, error)
  }
}

export async function writeConfig(context: CliContext, config: Config): Promise<void> {
  const file = configPath(context)
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, stringify(config), { mode: 0o600 })
  } catch (error) {
    throw new StrataError('FILE_UNWRITABLE', { file, problem: error instanceof Error ? error.message : String(error) }, { cause: error })
  }
}

/** Name of the context in force: STRATA_CONTEXT (which --context sets), else the one that `strata config use-context` chose. */
export async function currentContext(context: CliContext): Promise<{ name: string; destination: Destination | undefined }> {
  const config = await readConfig(context)
  const name = context.environment['STRATA_CONTEXT'] || config.current
  if (name !== LOCAL && config.contexts[name] === undefined) throw unknownContext(name, config)
  return { name, destination: name === LOCAL ? undefined : config.contexts[name] }
}

export function unknownContext(name: string, config: Config): StrataError {
  const problem = `there is no context "${name}"${didYouMean(name, [LOCAL, ...Object.keys(config.contexts)])}`
  return new StrataError('SETTING_INVALID', { setting: '--context', problem })
}
