import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Clock } from '../../../model/clock.ts'
import type { RequestKey } from '../../../model/economy.ts'
import { type ErrorCode, StrataError } from '../../../model/errors.ts'
import { toJsonb } from '../../database/json.ts'
import type { Blocks } from '../../social/blocks.ts'
import type { Tables } from '../../tables.ts'
import { type Held, Ledger } from './ledger.ts'

/** Dependencies of every part of the economy. */
export interface EconomyParts {
  db: Kysely<Tables>
  clock: Clock
  newId(): string
  blocks: Blocks
}

/** One request. `kind` and `body` make the fingerprint: a different request with the same key is an error of the caller. */
export interface EconomyRequest extends RequestKey {
  kind: string
  body: Record<string, unknown>
  /** The claim of the server that sends the request. A refusal because of a stale claim is not stored, so that the current server can repeat the request. */
  held?: Held | undefined
}

/**
 * Executes a request at most once. A repetition, concurrent or later, gets the first answer, also a final refusal. Refusals that may end without a new
 * request (`retryable`), or that are caused by a stale `held`, are not stored. Answers must be JSON.
 *
 * It inserts the row of the request first. The same request on another connection waits for that row, with nothing else locked, until this transaction
 * commits or its connection breaks.
 */
export async function transact<Answer extends object>(
  parts: EconomyParts,
  request: EconomyRequest,
  work: (ledger: Ledger) => Promise<Answer>,
): Promise<Answer> {
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([request.kind, request.body]))
    .digest('base64url')
  try {
    return await parts.db.transaction().execute(async (tx) => {
      const ledger = new Ledger(tx, parts.newId, parts.clock.now())
      const row = { actor: request.actor, key: request.key, fingerprint, at: new Date(ledger.now) }
      const first = await tx
        .insertInto('requests')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (first.numInsertedOrUpdatedRows !== 1n) return (await firstAnswer(tx, request, fingerprint)) as Answer // the answer of `work` with the same fingerprint
      if (request.held !== undefined) await ledger.fence([request.held])
      const answer = await work(ledger)
      await ledger.write(request, answer)
      return answer
    })
  } catch (error) {
    if (!isFinal(error, request)) throw asUnknownOwner(error, request)
    return (await storeRefusal(parts, request, fingerprint, error)) as Answer // the same
  }
}

async function firstAnswer(db: Kysely<Tables>, { actor, key }: EconomyRequest, fingerprint: string): Promise<unknown> {
  const row = await db.selectFrom('requests').selectAll().where('actor', '=', actor).where('key', '=', key).executeTakeFirstOrThrow()
  if (row.fingerprint !== fingerprint) throw new StrataError('REQUEST_KEY_REUSED', { key })
  if (row.refusal !== null) throw new StrataError(row.refusal.code as ErrorCode, row.refusal.details) // written by `storeRefusal`; codes never change
  return row.answer
}

/** Stores a refusal; the transaction itself was rolled back. If the same request has succeeded on another connection since, returns that answer. */
async function storeRefusal(parts: EconomyParts, request: EconomyRequest, fingerprint: string, refusal: StrataError): Promise<unknown> {
  const { actor, key } = request
  const kept = toJsonb({ code: refusal.code, details: refusal.details })
  const written = await parts.db
    .insertInto('requests')
    .values({ actor, key, fingerprint, at: new Date(parts.clock.now()), refusal: kept })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (written.numInsertedOrUpdatedRows === 1n) throw refusal
  return firstAnswer(parts.db, request, fingerprint)
}

function isFinal(error: unknown, { held }: EconomyRequest): error is StrataError {
  if (!(error instanceof StrataError) || error.row.retryable || error.row.status >= 500) return false
  return error.code !== 'REQUEST_KEY_REUSED' && !(error.code === 'EPOCH_STALE' && held !== undefined)
}

/** CHARACTER_UNKNOWN for a violated foreign key: an account needs an existing character or guild. */
function asUnknownOwner(error: unknown, { actor }: EconomyRequest): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === '23503' && 'constraint' in error)) return error
  return new StrataError('CHARACTER_UNKNOWN', { character: actor }, { cause: error })
}
