import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Clock } from '../../../model/clock.ts'
import type { RequestKey } from '../../../model/economy.ts'
import { type ErrorCode, StrataError } from '../../../model/errors.ts'
import { toJsonb } from '../../database/json.ts'
import type { Tables } from '../../tables.ts'
import { type Held, Ledger } from './ledger.ts'

/** What every part of the economy works with. */
export interface EconomyParts {
  db: Kysely<Tables>
  clock: Clock
  newId(): string
}

/** What is asked. Together they make the fingerprint: another request under the same key is an error of the caller. */
export interface Asked extends RequestKey {
  kind: string
  body: Record<string, unknown>
  /** The server that asks holds this character. A server that no longer does is refused, which is no answer for the one that does now. */
  held?: Held | undefined
}

/**
 * Carries out a request at most once. Whoever repeats it, at the same time or later, gets the first answer, a final refusal
 * included; refusals that may end by themselves (`retryable`), or are due to who asks (`held`), are not kept. Answers are JSON.
 *
 * The row of the request is written first: the same request on another connection waits there, with nothing else locked,
 * until this one is committed, or gone with its connection.
 */
export async function transact<Answer extends object>(parts: EconomyParts, asked: Asked, work: (ledger: Ledger) => Promise<Answer>): Promise<Answer> {
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([asked.kind, asked.body]))
    .digest('base64url')
  try {
    return await parts.db.transaction().execute(async (inside) => {
      const ledger = new Ledger(inside, parts.newId, parts.clock.now())
      const request = { actor: asked.actor, key: asked.key, fingerprint, at: new Date(ledger.now) }
      const first = await inside
        .insertInto('requests')
        .values(request)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (first.numInsertedOrUpdatedRows !== 1n) return (await firstAnswer(inside, asked, fingerprint)) as Answer // what `work` returned then, under the same fingerprint
      if (asked.held !== undefined) await ledger.fence([asked.held])
      const answer = await work(ledger)
      await ledger.write(asked, answer)
      return answer
    })
  } catch (error) {
    if (!isFinal(error, asked)) throw unknownOwner(error, asked)
    return (await keepRefusal(parts, asked, fingerprint, error)) as Answer // as above
  }
}

async function firstAnswer(db: Kysely<Tables>, { actor, key }: Asked, fingerprint: string): Promise<unknown> {
  const row = await db.selectFrom('requests').selectAll().where('actor', '=', actor).where('key', '=', key).executeTakeFirstOrThrow()
  if (row.fingerprint !== fingerprint) throw new StrataError('REQUEST_KEY_REUSED', { key })
  if (row.refusal !== null) throw new StrataError(row.refusal.code as ErrorCode, row.refusal.details) // written by `keepRefusal`; codes are permanent
  return row.answer
}

/** Nothing was changed; only that it was refused stays. If the same request was let through elsewhere meanwhile, that is the answer. */
async function keepRefusal(parts: EconomyParts, asked: Asked, fingerprint: string, refusal: StrataError): Promise<unknown> {
  const { actor, key } = asked
  const kept = toJsonb({ code: refusal.code, details: refusal.details })
  const written = await parts.db
    .insertInto('requests')
    .values({ actor, key, fingerprint, at: new Date(parts.clock.now()), refusal: kept })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (written.numInsertedOrUpdatedRows === 1n) throw refusal
  return firstAnswer(parts.db, asked, fingerprint)
}

function isFinal(error: unknown, { held }: Asked): error is StrataError {
  if (!(error instanceof StrataError) || error.row.retryable || error.row.status >= 500) return false
  return error.code !== 'REQUEST_KEY_REUSED' && !(error.code === 'EPOCH_STALE' && held !== undefined)
}

/** An account can only be opened for somebody who exists. */
function unknownOwner(error: unknown, { actor }: Asked): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === '23503' && 'constraint' in error)) return error
  return new StrataError('CHARACTER_UNKNOWN', { character: actor }, { cause: error })
}
