import type { Command } from 'commander'
import { StrataError } from '../../../model/errors.ts'
import { painter } from '../../../service/terminal/paint.ts'
import { type CliContext, Refused } from '../../context.ts'
import { isSound, renderAudit } from '../../render/audit.ts'
import { findDatabase } from '../../services.ts'

/** Error codes of PostgreSQL for a missing table and a missing column. */
const schemaErrors = new Set(['42P01', '42703'])

export function auditCommand(strata: Command, context: CliContext): void {
  strata
    .command('audit')
    .description('compares all balances and inventories with the transaction log, while the world runs')
    .option('--database-url <url>', 'postgres://… (or DATABASE_URL)')
    .option('--json', 'the report as JSON')
    .addHelpText(
      'after',
      '\nReads the whole log in one read-only transaction. Exits with 1 when anything differs.\n\nExample:\n  strata audit --json | jq .findings',
    )
    .action(async ({ databaseUrl, json }: { databaseUrl?: string; json?: true }) => {
      const url = await findDatabase(databaseUrl, context)
      // Imported only here: the other commands need no database driver.
      const { auditDatabase } = await import('../../../store/economy/ledger/audit.ts')
      const report = await auditDatabase(url, context).catch((error: unknown) => {
        if (!(error instanceof Error) || !('code' in error) || !schemaErrors.has(String(error.code))) throw error
        const problem = 'it is not a database of this version of Strata; run `npx strata migrate` of this version first'
        throw new StrataError('SETTING_INVALID', { setting: 'DATABASE_URL', problem }, { cause: error })
      })
      if (json === true) context.out.write(`${JSON.stringify(report, undefined, 2)}\n`)
      else context.out.write(`${renderAudit(report, painter(context.color)).join('\n')}\n`)
      if (!isSound(report)) throw new Refused()
    })
}
