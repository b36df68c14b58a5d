import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { StrataError } from '../../model/errors.ts'
import { refusalIn } from '../ask.ts'
import { type Service, unreachable } from '../service.ts'

/** Longest time until the orchestrator begins to answer, in ms. The recording then takes as long as it takes. */
const ANSWER_MS = 30_000

export interface Download {
  service: Service
  token: string | undefined
  body: object
  /** Absent: the recording goes to `out`. */
  file: string | undefined
  out: NodeJS.WritableStream
  signal: AbortSignal
  onPiece(piece: Uint8Array): void
}

/** Writes the recording to a file that only the caller can read, compressed when its name ends with .gz. A file that is not complete is removed. */
export async function download({ service, token, body, file, out, signal, onPiece }: Download): Promise<void> {
  const answer = await request(service, { token, body, signal })
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const piece of answer) {
      onPiece(piece)
      yield piece
    }
  }
  const source = Readable.from(pieces())
  if (file === undefined) {
    const text = new TextDecoder()
    for await (const piece of source as AsyncIterable<Uint8Array>) out.write(text.decode(piece, { stream: true }))
    return
  }
  let mine = false
  try {
    const target = createWriteStream(file, { mode: 0o600, flags: 'wx' }).once('open', () => {
      mine = true
    })
    if (file.endsWith('.gz')) await pipeline(source, createGzip(), target)
    else await pipeline(source, target)
  } catch (error) {
    if (mine) await rm(file, { force: true })
    signal.throwIfAborted()
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    if (mine || code === undefined) throw unreachable(service, 'the answer ended before it was complete', error)
    throw new StrataError('FILE_UNWRITABLE', { file, problem: code === 'EEXIST' ? 'it exists already' : code }, { cause: error })
  }
}

async function request(service: Service, { token, body, signal }: Pick<Download, 'token' | 'body' | 'signal'>): Promise<AsyncIterable<Uint8Array>> {
  const beginning = new AbortController()
  const timer = setTimeout(() => beginning.abort(), ANSWER_MS)
  try {
    const response = await fetch(`${service.url}/v1/recording/export`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, beginning.signal]),
    })
    if (response.ok && response.body !== null) return response.body
    throw refusalIn(await response.text()) ?? unreachable(service, `it answered with status ${response.status}`)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof StrataError) throw error
    throw unreachable(service, beginning.signal.aborted ? `no answer within ${ANSWER_MS / 1000} s` : 'the connection failed', error)
  } finally {
    clearTimeout(timer)
  }
}
