import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { DurationMs } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import type { NameRules } from '../../../model/people/names.ts'
import { importQuery } from '../../../model/wire/studio.ts'
import type { HttpApp } from '../../../service/http.ts'
import type { StudioLine } from '../../../store/studio/studio.ts'
import { actorIn, serviceGuard } from '../../access/serviceTokens.ts'
import { parseLine } from '../../studio/checkLine.ts'
import { importStream } from '../../studio/importStream.ts'
import { failures } from '../route.ts'
import type { StudioRoutes } from './parts.ts'

/** Imports at the same time in one process: each keeps up to two batches in memory, and they share the database's connections with players. */
const MAX_IMPORTS = 4
/** When all are in use, a client should try again after this time, in s. */
const BUSY_SECONDS = 5
/** A connection without a byte in either direction for this time is closed, in ms. */
const IDLE_MS: DurationMs = 60_000

const NDJSON = 'application/x-ndjson'

/** `POST /v1/studio/import`: a stream of records in, a stream of results out. */
export function importRoute(app: HttpApp, { parts, studio, accounts, guard, names }: StudioRoutes): void {
  let running = 0
  // A scope of its own: only this route takes a body that is not JSON, and takes it as a stream.
  void app.register(async (scope: FastifyInstance) => {
    scope.addContentTypeParser([NDJSON, 'application/ndjson', 'application/jsonl'], (_request, _payload, done) => done(null))
    scope.withTypeProvider<ZodTypeProvider>().post(
      '/v1/studio/import',
      {
        onRequest: serviceGuard(guard, 'players:write'),
        schema: {
          summary: 'Many records: one JSON object a line in, one result a line out.',
          description: `Content type ${NDJSON}. Each line is applied by its key, so that the same file again changes nothing. Lines about friendships, blocks and guilds need the scope social:write, too. The last line of the answer says where to go on.`,
          security: [{ service: [] }],
          querystring: importQuery,
          response: { 200: z.any(), ...failures },
        },
      },
      async (request, reply) => {
        if (!request.headers['content-type']?.match(/ndjson|jsonl/)) throw new StrataError('BAD_REQUEST', { problem: `send the records as ${NDJSON}` })
        if (running >= MAX_IMPORTS) throw new StrataError('TOO_MANY_REQUESTS', { seconds: BUSY_SECONDS })
        const { from, results } = request.query
        const actor = actorIn(request)
        const social = await guard.callers.callerWith('social:write', request.headers.authorization).then(
          () => true,
          () => false,
        )
        running++
        const stopping = new AbortController()
        const answered = { lines: 0, last: '' }
        const answer = Readable.from(
          keepLast(
            importStream(request.raw, {
              studio,
              check: (line) => checkImported(line, names, social),
              from,
              results,
              signal: stopping.signal,
              onError: (error) => parts.log.error({ err: error }, 'an import stopped'),
            }),
            answered,
          ),
        )
        request.raw.setTimeout(IDLE_MS, () => request.raw.destroy())
        reply.raw.once('close', () => {
          running--
          stopping.abort()
          const details = { from, finished: answered.last.startsWith('{"end"'), last: answered.last.slice(0, 500) }
          accounts.audit({ actor, action: 'import', subject: 'players', details }).catch((error: unknown) => {
            parts.log.warn({ err: error, actor }, 'the audit log has no entry for an import')
          })
        })
        return reply.type(NDJSON).header('cache-control', 'no-store').header('x-accel-buffering', 'no').send(answer)
      },
    )
  })
}

/** Keeps the last piece: when the answer is complete, it is the line that says how the import ended. */
async function* keepLast(pieces: AsyncIterable<string>, kept: { last: string }): AsyncGenerator<string> {
  for await (const piece of pieces) {
    if (piece === '') continue
    kept.last = piece
    yield piece
  }
}

/** Throws BAD_REQUEST, NAME_REFUSED, SCOPE_MISSING. */
function checkImported(bytes: Uint8Array, names: NameRules, social: boolean): StudioLine {
  const line = parseLine(bytes, names)
  if (!social && line.kind !== 'account' && line.kind !== 'character') throw new StrataError('SCOPE_MISSING', { scope: 'social:write' })
  return line
}
