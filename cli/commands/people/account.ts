import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { StrataError } from '../../../model/errors.ts'
import type { AccountId } from '../../../model/ids.ts'
import { eraseAnswer, exportAnswer } from '../../../model/wire/moderation.ts'
import { ask } from '../../ask.ts'
import { type CallerOptions, callerOptions, matchmakerAndToken } from '../../callerOptions.ts'
import type { CliContext } from '../../context.ts'

/** Longest time for an export or an erasure, in ms: both read and write all that an account ever did. */
const DEADLINE_MS = 120_000
const HELP = '\nNeeds the operator token or a service token with the scope "privacy". See docs/how-to/privacy.md.\n\nExamples:\n'

/** Commands for the rights of people over their data. */
export function accountCommands(strata: Command, context: CliContext): void {
  const account = strata.command('account').description('exports or erases what is stored about a person')

  callerOptions(account.command('export').description('prints all that is stored about an account and its characters, as JSON'))
    .argument('<account>', 'id of the account')
    .option('--out <file>', 'write it to this file, which only you can read')
    .addHelpText('after', `${HELP}  strata account export 4711 --out 4711.json`)
    .action(async (id: string, { out, ...caller }: CallerOptions & { out?: string }) => {
      const { service, token } = await matchmakerAndToken(caller, context)
      const path = pathOf(id)
      const text = `${JSON.stringify(await ask(service, { path, answer: exportAnswer, token, signal: context.signal, deadlineMs: DEADLINE_MS }), undefined, 2)}\n`
      if (out === undefined) return void context.out.write(text)
      await writeFile(resolve(context.folder, out), text, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
        throw new StrataError(
          'FILE_UNWRITABLE',
          { file: out, problem: error.code === 'EEXIST' ? 'it exists already' : (error.code ?? error.message) },
          { cause: error },
        )
      })
      context.out.write(`${id}: written to ${out}\n`)
    })

  callerOptions(account.command('erase').description('removes what is personal about an account; it cannot be undone'))
    .argument('<account>', 'id of the account')
    .requiredOption('--reason <text>', 'for the audit log')
    .addHelpText('after', `${HELP}  strata account erase 4711 --reason "request of 2027-01-31"`)
    .action(async (id: string, { reason, ...caller }: CallerOptions & { reason: string }) => {
      const { service, token } = await matchmakerAndToken(caller, context)
      const request = { path: `${pathOf(id)}/erase`, body: { reason }, answer: eraseAnswer, token, signal: context.signal, deadlineMs: DEADLINE_MS }
      const { account, characters } = await ask(service, request)
      context.out.write(`${account}: erased, with ${characters} character${characters === 1 ? '' : 's'}\n`)
    })
}

function pathOf(account: AccountId): string {
  return `/v1/privacy/accounts/${encodeURIComponent(account)}`
}
