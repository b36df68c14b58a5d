import type { RecordingAnswer } from '../../model/wire/recording.ts'
import type { ChunkHead } from '../../store/records/recordings.ts'

export type RecordedSpan = RecordingAnswer['spans'][number]

/** Joins chunks, oldest first, to times without a gap and under the same pseudonyms. A chunk after a gap counts from the next one on that begins with everybody. */
export function spansOf(heads: readonly ChunkHead[]): RecordedSpan[] {
  const spans: RecordedSpan[] = []
  for (const { from, until, window, keyframe, players } of heads) {
    const last = spans.at(-1)
    if (last !== undefined && last.until === from && last.window === window) {
      last.until = until
      last.players = Math.max(last.players, players)
    } else if (keyframe) spans.push({ from, until, window, players })
  }
  return spans
}
