import { DAY_MS, type DurationMs, type Instant } from '../../model/clock.ts'
import type { Span } from '../../model/recording/recordingFile.ts'
import type { RecordedSpan } from '../recording/spans.ts'

/** A shorter recording tells nothing about a policy, in ms: copies open and close in minutes. */
export const LEAST_RECORDED_MS: DurationMs = 120_000

/**
 * The time of the last day on which a draft is tried: all that was recorded under one set of pseudonyms. When they changed in that day, the set with more recorded
 * time counts. `recordedMs`: without its gaps.
 */
export function recordedDay(spans: readonly RecordedSpan[], now: Instant): (Span & { recordedMs: DurationMs }) | undefined {
  const windows = new Map<number, Span & { recordedMs: DurationMs }>()
  for (const { window, from, until } of spans) {
    const cut = { from: Math.max(from, now - DAY_MS), until: Math.min(until, now) }
    if (cut.until <= cut.from) continue
    const before = windows.get(window)
    windows.set(window, { from: before?.from ?? cut.from, until: cut.until, recordedMs: (before?.recordedMs ?? 0) + cut.until - cut.from })
  }
  return [...windows.values()].sort((a, b) => b.recordedMs - a.recordedMs || b.until - a.until)[0]
}
