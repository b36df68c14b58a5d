import { Readable } from 'node:stream'
import type { DurationMs } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import { recordingAnswer, recordingExportRequest } from '../../model/wire/recording.ts'
import type { HttpApp } from '../../service/http.ts'
import type { AuditEntry } from '../../store/accounts/accounts.ts'
import type { Recordings } from '../../store/records/recordings.ts'
import { type AdminGuard, actorIn } from '../access/adminGuard.ts'
import { exportCsv } from './exportCsv.ts'
import { spansOf } from './spans.ts'

export interface RecordingRouteParts {
  store: Recordings
  on: boolean
  keepMs: DurationMs
  guard: AdminGuard
  audit(entry: AuditEntry): Promise<void>
}

/** What was recorded of the population, and the recording itself. Each orchestrator answers, whether it leads or not. */
export function recordingRoutes(http: HttpApp, { store, on, keepMs, guard, audit }: RecordingRouteParts): void {
  http.get('/v1/recording', { ...guard.for('view'), schema: { response: { 200: recordingAnswer } } }, async () => {
    const heads = await store.recordedHeads(0)
    return { on, keepMs, bytes: heads.reduce((sum, { bytes }) => sum + bytes, 0), spans: spansOf(heads) }
  })
  http.post('/v1/recording/export', { ...guard.for('operator'), schema: { body: recordingExportRequest } }, async (request, reply) => {
    const { from, until, reason } = request.body
    const recorded = spansOf(await store.recordedHeads(from)).some((span) => span.from < until && span.until > from)
    if (!recorded) throw new StrataError('NOT_RECORDED', { from: new Date(from).toISOString(), until: new Date(until).toISOString() })
    await audit(defined({ actor: actorIn(request), action: 'export recording', subject: 'population', reason, details: { from, until } }))
    const csv = exportCsv(store, { from, until })
    return reply.type('text/csv; charset=utf-8').header('cache-control', 'no-store').send(Readable.from(csv))
  })
}
