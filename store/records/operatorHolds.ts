import { type Kysely, type Selectable, sql } from 'kysely'
import { defined } from '../../model/defined.ts'
import type { Hold } from '../../model/placement/hold.ts'
import { mapConnectionErrors } from '../database/connectionErrors.ts'
import type { Tables } from '../tables.ts'

export interface OperatorHolds {
  /** Those that have not ended. */
  holds(): Promise<Hold[]>
  addHold(hold: Hold): Promise<void>
  /** `undefined`: there is no such hold. */
  removeHold(id: string): Promise<Hold | undefined>
}

export function createOperatorHolds(db: Kysely<Tables>): OperatorHolds {
  return {
    holds: () =>
      mapConnectionErrors(async () =>
        (await db.selectFrom('operator_holds').selectAll().where('until', '>', sql<Date>`now()`).orderBy('until').execute()).map(holdOf),
      ),
    addHold: ({ id, map, copy, until, actor, reason }) =>
      mapConnectionErrors(async () => {
        await db.deleteFrom('operator_holds').where('until', '<=', sql<Date>`now()`).execute()
        await db
          .insertInto('operator_holds')
          .values({ id, map, copy: copy ?? null, until: new Date(until), actor, reason })
          .execute()
      }),
    removeHold: (id) =>
      mapConnectionErrors(async () => {
        const row = await db.deleteFrom('operator_holds').where('id', '=', id).returningAll().executeTakeFirst()
        return row && holdOf(row)
      }),
  }
}

function holdOf({ id, map, copy, until, actor, reason }: Selectable<Tables['operator_holds']>): Hold {
  return defined({ id, map, copy: copy ?? undefined, until: until.getTime(), actor, reason })
}
