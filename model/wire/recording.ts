import { z } from 'zod'

const instant = z.int().min(0).max(8_640_000_000_000_000).describe('In ms since 1970.')

/** `GET /v1/recording`. */
export const recordingAnswer = z.object({
  on: z.boolean().describe('Whether the leader records.'),
  keepMs: z.int().describe('How long the recording is kept, in ms.'),
  bytes: z.int().describe('Size of what is stored.'),
  spans: z
    .array(
      z.object({
        from: instant,
        until: instant,
        window: z.int().describe('Pseudonyms of one window agree.'),
        players: z.int().describe('Most players in the world at once.'),
      }),
    )
    .describe('Times that were recorded without a gap, oldest first.'),
})
export type RecordingAnswer = z.infer<typeof recordingAnswer>

/** `POST /v1/recording/export`: text/csv. */
export const recordingExportRequest = z.strictObject({
  from: instant,
  until: instant,
  reason: z.string().trim().min(1).max(500).optional().describe('Why; the audit log stores it.'),
})
