import type { Kysely } from 'kysely'
import { isRole, type Role } from '../../model/access/roles.ts'
import { mapConnectionErrors } from '../database/connectionErrors.ts'
import { openDatabase } from '../database/database.ts'
import type { Tables } from '../tables.ts'

/** A local account of the console. `passwordHash` is made by `hashPassword` in `service/keys/password.ts`. */
export interface ConsoleAccount {
  name: string
  roles: Role[]
  passwordHash: string
}

/** Accounts for people where the studio has no identity provider. */
export interface ConsoleAccounts {
  consoleAccount(name: string): Promise<ConsoleAccount | undefined>
}

export function createConsoleAccounts(db: Kysely<Tables>): ConsoleAccounts {
  return { consoleAccount: (name) => mapConnectionErrors(() => read(db, name)) }
}

async function read(db: Kysely<Tables>, name: string): Promise<ConsoleAccount | undefined> {
  const row = await db.selectFrom('console_accounts').select(['roles', 'password_hash']).where('name', '=', name).executeTakeFirst()
  return row === undefined ? undefined : { name, roles: row.roles.filter(isRole), passwordHash: row.password_hash }
}

/** Makes the account or replaces it. `url`: the database as the owner of the tables, the only one who may write them. */
export async function putConsoleAccount(url: string, { name, roles, passwordHash }: ConsoleAccount): Promise<void> {
  await using database = openDatabase<Tables>({ url, poolSize: 1 })
  const values = { roles, password_hash: passwordHash }
  await mapConnectionErrors(() =>
    database.db
      .insertInto('console_accounts')
      .values({ name, ...values })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
      .execute(),
  )
}

/** Whether there is any account. */
export async function hasConsoleAccounts(url: string): Promise<boolean> {
  await using database = openDatabase<Tables>({ url, poolSize: 1 })
  return await mapConnectionErrors(async () => (await database.db.selectFrom('console_accounts').select('name').limit(1).execute()).length > 0)
}
