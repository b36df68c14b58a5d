import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RECORDING_HEADER, recordingLine, type Span } from '../../model/recording/recordingFile.ts'
import type { Recordings } from '../../store/records/recordings.ts'
import { rowsOf } from './replay.ts'

/** Writes the recording of a time to a file that only this process's user can read. Returns how many people are in it. */
export async function writeRecording(store: Pick<Recordings, 'recordedChunks'>, time: Span, file: string): Promise<{ people: number }> {
  const people = new Set<string>()
  async function* lines(): AsyncGenerator<string> {
    yield `${RECORDING_HEADER}\n`
    for await (const row of rowsOf(store.recordedChunks(time.from, time.until), time)) {
      if ('stay' in row) people.add(row.stay.avatar)
      yield `${recordingLine(row)}\n`
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file, { mode: 0o600 }))
  return { people: people.size }
}
