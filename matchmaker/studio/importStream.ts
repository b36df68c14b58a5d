import type { DurationMs } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import type { ImportEnd, ImportResult } from '../../model/wire/studio.ts'
import type { LineResult, Studio, StudioLine } from '../../store/studio/studio.ts'
import { LineReader, type RawLine } from './lineReader.ts'

/** Longest line, in bytes: a guild with 2,000 members. */
export const MAX_LINE_BYTES = 256 * 1024
/** Longest body of one import, in bytes: about 400,000 characters. A longer file is sent in several requests; `strata import` does so. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024
/** Lines and bytes that are applied together. 1,000 lines take about 100 ms; more gain nothing, and other requests wait for the parsing of a batch. */
const BATCH_LINES = 1_000
const BATCH_BYTES = 1024 * 1024
/** A client that sends nothing for this time gets the results of what it sent, in ms. */
const FLUSH_MS: DurationMs = 200

export interface ImportOptions {
  studio: Pick<Studio, 'apply'>
  /** The record of a line. Throws why the line is refused. */
  check(line: Uint8Array): StudioLine
  /** Number, in the file, of the body's first line. */
  from: number
  /** Whether lines that were applied have a line in the answer. */
  results: 'all' | 'refused'
  /** Bounds of the body and of a batch; a test makes them small. */
  limits?: { bodyBytes: number; batchLines: number }
  /** Aborted when nobody reads the answer any more: no further batch begins. */
  signal: AbortSignal
  onError(error: unknown): void
}

interface NumberedLine {
  line: number
  content: StudioLine | StrataError
}

/** The answer of an import, in pieces of NDJSON: a result for each line, in order, and one last line that says where to go on. */
export async function* importStream(body: AsyncIterable<Buffer>, options: ImportOptions): AsyncGenerator<string> {
  const { from, results, signal, limits = { bodyBytes: MAX_BODY_BYTES, batchLines: BATCH_LINES } } = options
  const end: ImportEnd = { next: from, applied: 0, refused: 0 }
  const told = (answers: readonly ImportResult[]): string => {
    for (const { ok } of answers) end[ok ? 'applied' : 'refused']++
    return answers.flatMap((answer) => (results === 'all' || !answer.ok ? `${JSON.stringify(answer)}\n` : [])).join('')
  }
  try {
    // While the database applies one batch, the next one is read and checked.
    let running: { after: number; answers: Promise<ImportResult[]> } | undefined
    for await (const { lines, after } of batches(body, options, limits)) {
      if (running !== undefined) {
        yield told(await running.answers)
        end.next = running.after
      }
      if (signal.aborted) return
      running = lines.length === 0 && after === end.next ? undefined : { after, answers: apply(options.studio, lines) }
      running?.answers.catch(() => undefined) // awaited above or below
    }
    if (running !== undefined) {
      yield told(await running.answers)
      end.next = running.after
    }
  } catch (error) {
    if (signal.aborted) return
    const { code, message, row } = error instanceof StrataError ? error : internal(error, options)
    end.stopped = { code, message, retryable: row.retryable }
  }
  yield `${JSON.stringify({ end })}\n`
}

function internal(error: unknown, { onError }: ImportOptions): StrataError {
  onError(error)
  return new StrataError('INTERNAL', { problem: 'the import stopped' }, { cause: error })
}

async function apply(studio: Pick<Studio, 'apply'>, lines: readonly NumberedLine[]): Promise<ImportResult[]> {
  const wanted = lines.flatMap(({ content }) => (content instanceof StrataError ? [] : [content]))
  const results = (wanted.length === 0 ? [] : await studio.apply(wanted)).values()
  return lines.map(({ line, content }) => {
    if (content instanceof StrataError) return { line, ok: false, code: content.code, message: content.message }
    const result: LineResult | undefined = results.next().value
    if (result === undefined) throw new Error(`line ${line} has no result`)
    return result.ok ? { line, ok: true } : { line, ok: false, code: result.code, message: result.message }
  })
}

interface Batch {
  lines: NumberedLine[]
  /** Number of the first line after the batch. Empty lines have a number and no result. */
  after: number
}

/** An empty batch says that the client has sent nothing for a while. Throws BODY_TOO_LARGE after the last batch that fits. */
async function* batches(
  body: AsyncIterable<Buffer>,
  { from, check }: ImportOptions,
  { bodyBytes, batchLines }: { bodyBytes: number; batchLines: number },
): AsyncGenerator<Batch> {
  const reader = new LineReader(MAX_LINE_BYTES)
  let batch: Batch = { lines: [], after: from }
  let [bytes, inBatch] = [0, 0]
  const add = (raw: RawLine): void => {
    const line = batch.after++
    inBatch += raw?.length ?? 0
    const content = contentOf(raw, check)
    if (content !== undefined) batch.lines.push({ line, content })
  }
  const full = (): boolean => batch.lines.length >= batchLines || inBatch >= BATCH_BYTES
  const take = (): Batch => {
    const taken = batch
    batch = { lines: [], after: taken.after }
    inBatch = 0
    return taken
  }
  for await (const chunk of withPauses(body)) {
    if (chunk === undefined) {
      yield take()
      continue
    }
    bytes += chunk.length
    if (bytes > bodyBytes) {
      yield take()
      throw new StrataError('BODY_TOO_LARGE', { limit: bodyBytes })
    }
    for (const raw of reader.push(chunk)) {
      add(raw)
      if (full()) yield take()
    }
  }
  for (const raw of reader.end()) add(raw)
  yield take()
}

/** Undefined for an empty line. */
function contentOf(raw: RawLine, check: ImportOptions['check']): StudioLine | StrataError | undefined {
  if (raw === undefined) return new StrataError('BAD_REQUEST', { problem: `the line is longer than ${MAX_LINE_BYTES} bytes` })
  if (isBlank(raw)) return undefined
  try {
    return check(raw)
  } catch (error) {
    if (error instanceof StrataError) return error
    throw error
  }
}

function isBlank(raw: Buffer): boolean {
  return raw.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)
}

/** The chunks of a stream, with `undefined` when none has come for FLUSH_MS. One timer for all: a body may have a chunk for each line. */
async function* withPauses(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer | undefined> {
  const chunks = body[Symbol.asyncIterator]()
  let tick = Promise.withResolvers<'tick'>()
  const timer = setInterval(() => {
    tick.resolve('tick')
    tick = Promise.withResolvers()
  }, FLUSH_MS / 2)
  try {
    let next = chunks.next()
    for (let quietTicks = 0; ; ) {
      const result = await Promise.race([next, tick.promise])
      if (result === 'tick') {
        if (++quietTicks >= 2) yield undefined
      } else if (result.done === true) return
      else {
        quietTicks = 0
        yield result.value
        next = chunks.next()
      }
    }
  } finally {
    clearInterval(timer)
    // Not awaited: a stream that waits for its next chunk would not return before it.
    void chunks.return?.()
  }
}
