import { Counter, type Registry } from 'prom-client'
import { startAtZero } from '../../service/observe/zero.ts'
import type { RecorderParts } from './recorder.ts'

/** Counts the chunks of the recording and their bytes. */
export function recordingMetrics(registry: Registry): NonNullable<RecorderParts['onChunk']> {
  const chunks = new Counter({
    name: 'strata_recording_chunks_total',
    help: 'Minutes of the recorded population: stored, refused because another leader recorded that time, or dropped because the database did not answer for half an hour',
    labelNames: ['result'],
    registers: [registry],
  })
  startAtZero(chunks, { result: ['stored', 'refused', 'dropped'] })
  const bytes = new Counter({
    name: 'strata_recording_bytes_total',
    help: 'Bytes of the recorded population that were stored',
    registers: [registry],
  })
  return (result, size) => {
    chunks.inc({ result })
    if (result === 'stored') bytes.inc(size)
  }
}
