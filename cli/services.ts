import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { StrataError } from '../model/errors.ts'
import type { CliContext } from './context.ts'
import { currentContext } from './contexts/config.ts'
import { forward, secretValue } from './contexts/portForward.ts'
import type { Service } from './service.ts'

/** For `catch` of a call that reads this file. */
export function unreadable(file: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new StrataError('FILE_UNREADABLE', { file, problem: error.code ?? error.message }, { cause: error })
  }
}

const known = {
  orchestrator: { what: 'the orchestrator', variable: 'STRATA_ORCHESTRATOR', option: '--orchestrator URL', port: 7101, service: 'strata-orchestrator' },
  matchmaker: { what: 'the matchmaker', variable: 'STRATA_MATCHMAKER', option: '--matchmaker URL', port: 7100, service: 'strata-matchmaker' },
} as const

/** The file that `npm start` writes when it is ready, because its ports may be random. */
const endpointsFile = z.object({ orchestrator: z.url(), matchmaker: z.url(), database: z.url().exactOptional(), operatorToken: z.string().exactOptional() })

/** Address of a service: from the flag, else the environment, else the context, else the last `npm start` of this checkout, else the default port. */
export async function findService(name: keyof typeof known, flag: string | undefined, context: CliContext): Promise<Service> {
  const { what, variable, option, port } = known[name]
  const elsewhere = `name another address with ${option} or ${variable}`
  if (flag !== undefined) return { what, url: flag, hint: `check the address that ${option.split(' ', 1)[0]} names` }
  const set = context.environment[variable]
  if (set !== undefined && set !== '') return { what, url: anHttpUrl(set, variable), hint: `check the address in ${variable}` }
  const elsewhereOf = await inContext(name, context)
  if (elsewhereOf !== undefined) return elsewhereOf
  const written = await lastStart(context)
  if (written !== undefined)
    return { what, url: written[name], hint: `${endpointsOf(context)} names this address: is "npm start" still running? Or ${elsewhere}` }
  return { what, url: `http://127.0.0.1:${port}`, hint: `is "npm start" running? Or ${elsewhere}` }
}

/** The service in the context in force; undefined in the context `local`. */
async function inContext(name: keyof typeof known, context: CliContext): Promise<Service | undefined> {
  const { name: chosen, destination } = await currentContext(context)
  if (destination === undefined) return undefined
  const { what, variable, service } = known[name]
  const hint = `check the context ${chosen} with "strata config get-contexts"`
  if ('kubernetes' in destination) {
    const { url, stop } = await forward(service, destination.kubernetes, context)
    context.onEnd?.(stop)
    return { what, url, hint, token: () => secretValue('strata-operator', 'token', destination.kubernetes, context) }
  }
  const { [name]: url, tokenFile } = destination
  if (url === undefined) throw new StrataError('SETTING_INVALID', { setting: variable, problem: `the context ${chosen} has no address of ${what}; ${hint}` })
  return { what, url: anHttpUrl(url, `context ${chosen}`), hint, token: async () => (tokenFile === undefined ? undefined : readToken(tokenFile, context)) }
}

async function readToken(file: string, context: CliContext): Promise<string> {
  return (await readFile(resolve(context.folder, file), 'utf8').catch(unreadable(file))).trim()
}

/** URL of the database: from the flag, else DATABASE_URL, else the last `npm start`. */
export async function findDatabase(flag: string | undefined, context: CliContext): Promise<string> {
  const set = flag ?? context.environment['DATABASE_URL']
  const url = set === undefined || set === '' ? (await lastStart(context))?.database : set
  if (url === undefined)
    throw new StrataError('SETTING_INVALID', {
      setting: 'DATABASE_URL',
      problem: 'no database is named; set DATABASE_URL, pass --database-url, or run "npm start"',
    })
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol))
    throw new StrataError('SETTING_INVALID', { setting: 'DATABASE_URL', problem: 'write an address such as postgres://user:password@host:5432/strata' })
  return url
}

/**
 * The caller's bearer token: a file, else STRATA_TOKEN (a service token) or OPERATOR_TOKEN, else for the services of the last `npm start` the token that
 * it wrote. Undefined when there is none.
 */
export async function bearerToken(service: Service, file: string | undefined, context: CliContext): Promise<string | undefined> {
  if (file !== undefined) return readToken(file, context)
  for (const variable of ['STRATA_TOKEN', 'OPERATOR_TOKEN']) {
    const set = context.environment[variable]
    if (set !== undefined && set !== '') return set
  }
  if (service.token !== undefined) return service.token()
  const written = await lastStart(context)
  // A token is sent only to the services that it was made for.
  return written !== undefined && (service.url === written.matchmaker || service.url === written.orchestrator) ? written.operatorToken : undefined
}

/** Parses an option that is an address. */
export function httpUrl(text: string): string {
  try {
    return anHttpUrl(text, 'the address')
  } catch {
    throw new InvalidArgumentError('write an address such as http://127.0.0.1:7101')
  }
}

function anHttpUrl(text: string, from: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new StrataError('SETTING_INVALID', { setting: from, problem: `"${text}" is not an address; write one such as http://127.0.0.1:7101` })
  return text.replace(/\/+$/, '')
}

export function stateFolder({ environment, folder, root }: CliContext): string {
  const set = environment['STRATA_STATE']
  return set === undefined || set === '' ? join(root, '.strata') : resolve(folder, set)
}

const endpointsOf = (context: CliContext): string => join(stateFolder(context), 'endpoints.json')

/** What the last `npm start` wrote; undefined when it is missing or incomplete. */
async function lastStart(context: CliContext): Promise<z.infer<typeof endpointsFile> | undefined> {
  try {
    return endpointsFile.parse(JSON.parse(await readFile(endpointsOf(context), 'utf8')))
  } catch {
    return undefined
  }
}
