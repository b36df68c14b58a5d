import type { Command } from 'commander'
import { defined } from '../../../model/defined.ts'
import type { CliContext } from '../../context.ts'
import { findDatabase } from '../../services.ts'

export function migrateCommand(strata: Command, context: CliContext): void {
  strata
    .command('migrate')
    .description('brings the database to the schema of this version, and gives each process its rights')
    .option('--database-url <url>', 'postgres://… of the owner of the tables (or DATABASE_URL)')
    .addHelpText(
      'after',
      `
Run it before the processes of a new version start: they do not migrate. It may run again, also while the processes of the
previous version run. It creates the roles strata_gameserver, strata_matchmaker and strata_orchestrator, for which the owner needs
CREATEROLE. A role may log in when GAMESERVER_PASSWORD, MATCHMAKER_PASSWORD or ORCHESTRATOR_PASSWORD is set to its password;
else make a login of your own: CREATE ROLE game LOGIN PASSWORD '...' IN ROLE strata_gameserver.`,
    )
    .action(async ({ databaseUrl }: { databaseUrl?: string }) => {
      const url = await findDatabase(databaseUrl, context)
      const password = (name: string): string | undefined => context.environment[name] || undefined
      // Imported only here: the other commands need no database driver.
      const { migrate } = await import('../../../store/database/migrate.ts')
      await migrate(
        url,
        defined({ gameserver: password('GAMESERVER_PASSWORD'), matchmaker: password('MATCHMAKER_PASSWORD'), orchestrator: password('ORCHESTRATOR_PASSWORD') }),
      )
      context.out.write('The database has the schema of this version, and each process has its rights.\n')
    })
}
