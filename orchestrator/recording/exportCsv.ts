import { RECORDING_HEADER, recordingLine, type Span } from '../../model/recording/recordingFile.ts'
import type { Recordings } from '../../store/records/recordings.ts'
import { rowsOf } from './replay.ts'

/** Rows that are sent at once. */
const ROWS_AT_ONCE = 500

/** The recording of a time as text, in pieces: a header and a row for each stay. */
export async function* exportCsv(store: Pick<Recordings, 'recordedChunks'>, time: Span): AsyncGenerator<string> {
  let [piece, rows] = [`${RECORDING_HEADER}\n`, 0]
  for await (const row of rowsOf(store.recordedChunks(time.from, time.until), time)) {
    piece += `${recordingLine(row)}\n`
    if (++rows % ROWS_AT_ONCE !== 0) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
