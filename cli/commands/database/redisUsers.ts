import type { Command } from 'commander'
import { accessFile } from '../../../directory/redis/access.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CliContext } from '../../context.ts'

export function redisUsersCommand(strata: Command, context: CliContext): void {
  strata
    .command('redis-users')
    .description('prints the users of Redis with the rights that each process needs')
    .option('--prefix <prefix>', 'REDIS_PREFIX of the world', 'strata:')
    .addHelpText(
      'after',
      `
Prints a line for each of strata_gameserver, strata_matchmaker and strata_orchestrator, for the ACL file of Redis 7 (aclfile), or for
ACL SETUSER. Reads the passwords from GAMESERVER_PASSWORD, MATCHMAKER_PASSWORD and ORCHESTRATOR_PASSWORD, and prints their hashes.

Example:
  strata redis-users | sed 's/^user/ACL SETUSER/' | redis-cli -u rediss://:PASSWORD@HOST:6379`,
    )
    .action(({ prefix }: { prefix: string }) => {
      const password = (name: string): string => {
        const set = context.environment[name] ?? ''
        if (set === '') throw new StrataError('SETTING_INVALID', { setting: name, problem: 'set it to the password of this user of Redis' })
        return set
      }
      const passwords = {
        gameserver: password('GAMESERVER_PASSWORD'),
        matchmaker: password('MATCHMAKER_PASSWORD'),
        orchestrator: password('ORCHESTRATOR_PASSWORD'),
      }
      context.out.write(accessFile(prefix, passwords))
    })
}
