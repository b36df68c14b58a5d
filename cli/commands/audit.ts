import type { Command } from 'commander'
import { StrataError } from '../../model/errors.ts'
import { isSound, renderAudit } from '../render/audit.ts'
import { painter } from '../render/paint.ts'
import { findDatabase } from '../services.ts'
import { Refused, type Surroundings } from '../surroundings.ts'

/** PostgreSQL's "there is no such table" and "no such column". */
const notOurs = new Set(['42P01', '42703'])

export function auditCommand(strata: Command, here: Surroundings): void {
  strata
    .command('audit')
    .description('rebuilds all balances and inventories from the log of transactions and compares, while the world goes on')
    .option('--database-url <url>', 'postgres://… (or DATABASE_URL)')
    .option('--json', 'the report as JSON')
    .addHelpText(
      'after',
      '\nReads the whole log in one read-only transaction, and exits with 1 when anything differs.\n\nExample:\n  strata audit --json | jq .findings',
    )
    .action(async ({ databaseUrl, json }: { databaseUrl?: string; json?: true }) => {
      const url = await findDatabase(databaseUrl, here)
      // Only here: the other commands do without a database driver.
      const { auditDatabase } = await import('../../store/economy/ledger/audit.ts')
      const report = await auditDatabase(url, here).catch((error: unknown) => {
        if (!(error instanceof Error) || !('code' in error) || !notOurs.has(String(error.code))) throw error
        const problem = 'it is not a database of this version of Strata; its processes bring it up to date when they start'
        throw new StrataError('SETTING_INVALID', { setting: 'DATABASE_URL', problem }, { cause: error })
      })
      if (json === true) here.out.write(`${JSON.stringify(report, undefined, 2)}\n`)
      else here.out.write(`${renderAudit(report, painter(here.color)).join('\n')}\n`)
      if (!isSound(report)) throw new Refused()
    })
}
