import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { StrataError } from '../../../model/errors.ts'
import { parseDuration } from '../../../model/policy/units.ts'
import { isScope, MAX_CALLER_LENGTH, type Scope, scopes, signServiceToken } from '../../../model/ticket/serviceToken.ts'
import { readPrivateKey } from '../../../service/keys/keys.ts'
import { durationOption } from '../../../service/terminal/options.ts'
import type { CliContext } from '../../context.ts'
import { stateFolder, unreadable } from '../../services.ts'

interface CreateOptions {
  name: string
  scope: Scope[]
  ttl: string
  keys?: string
}

/** Longest lifetime of a service token, in ms: 366 days. A single token cannot be withdrawn; it ends with its time or with its key. */
const MAX_TTL_MS = 366 * 86_400_000

const HELP = `
Scopes: ${scopes.join(', ')}.
The command signs with service.private.pem in the folder of --keys (or STRATA_KEYS, else the keys of the last "npm start").
In a cluster no pod has this key: k8s/keys.sh service-key DIR reads it from its Secret.

Examples:
  strata token create --name game-backend --scope "players:write social:write" --ttl 30d
  STRATA_TOKEN=$(strata token create --name anna --scope moderation --ttl 8h) strata ban "Rude Rita" --for 7d --reason insults`

export function tokenCommand(strata: Command, context: CliContext): void {
  strata
    .command('token')
    .description("service tokens for the studio's programs and moderators")
    .command('create')
    .description('prints a new service token')
    .requiredOption('--name <name>', 'name of the caller in the audit log', callerName)
    .requiredOption('--scope <scopes>', 'what it may do: scopes with spaces between them', scopeList)
    .requiredOption('--ttl <duration>', 'lifetime, such as 8h or 30d', durationOption)
    .option('--keys <folder>', 'folder with service.private.pem')
    .addHelpText('after', HELP)
    .action(async ({ name, scope, ttl, keys }: CreateOptions) => {
      const lifetimeMs = parseDuration(ttl)
      if (lifetimeMs < 1_000 || lifetimeMs > MAX_TTL_MS)
        throw new StrataError('SETTING_INVALID', { setting: '--ttl', problem: 'choose a lifetime from 1s to 366d' })
      const folder = keysFolder(keys, context)
      const key = await readPrivateKey(folder, 'service').catch(unreadable(`${folder}/service.private.pem`))
      const now = context.now()
      context.out.write(`${await signServiceToken({ name, scopes: scope, expires: now + lifetimeMs }, key, now)}\n`)
    })
}

function keysFolder(flag: string | undefined, context: CliContext): string {
  const set = flag ?? context.environment['STRATA_KEYS']
  return set === undefined || set === '' ? resolve(stateFolder(context), 'keys') : resolve(context.folder, set)
}

function callerName(text: string): string {
  if (!/^[\w.@-]+$/.test(text) || text.length > MAX_CALLER_LENGTH)
    throw new InvalidArgumentError(`write at most ${MAX_CALLER_LENGTH} letters, digits and . @ _ -`)
  if (text === 'operator') throw new InvalidArgumentError('this name stands for the operator token in the audit log')
  return text
}

function scopeList(text: string): Scope[] {
  const named = text.split(/[\s,]+/).filter((one) => one !== '')
  const wrong = named.find((one) => !isScope(one))
  if (wrong !== undefined || named.length === 0)
    throw new InvalidArgumentError(`${wrong === undefined ? '' : `there is no scope "${wrong}"; `}choose from ${scopes.join(', ')}`)
  return named.filter(isScope)
}
