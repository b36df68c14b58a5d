import { createReadStream } from 'node:fs'
import { type ClientRequest, type IncomingMessage, request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { StrataError } from '../../model/errors.ts'
import { type ImportEnd, type ImportResult, importEnd, importResult } from '../../model/wire/studio.ts'
import { refusalIn } from '../ask.ts'
import { type Service, unreachable } from '../service.ts'

/** Lines per request, and bytes: a proxy that bounds bodies, or that keeps a body until it is complete, lets such a request through. */
const REQUEST_LINES = 20_000
const REQUEST_BYTES = 4 * 1024 * 1024
/** Lines that are written to the connection at once. */
const CHUNK_LINES = 200
/** A matchmaker that sends nothing for this time does not answer any more, in ms. Applying a batch takes about 0.2 s. */
const SILENCE_MS = 30_000

const NEWLINE = 0x0a

export interface Piece {
  /** Number of the first line. */
  from: number
  lines: Buffer[]
}

/** The file from a line on, in pieces of whole lines; each line without its line break. */
export async function* piecesOf(file: string, from: number): AsyncGenerator<Piece> {
  let [number, rest, bytes] = [1, Buffer.alloc(0) as Buffer, 0]
  let piece: Piece = { from, lines: [] }
  const add = (line: Buffer): boolean => {
    if (number++ < from) return false
    piece.lines.push(Buffer.from(line)) // a copy, so that the chunk which contained it can be freed
    bytes += line.length + 1
    return piece.lines.length >= REQUEST_LINES || bytes >= REQUEST_BYTES
  }
  const take = (): Piece => {
    const taken = piece
    piece = { from: number, lines: [] }
    bytes = 0
    return taken
  }
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let start = 0
    for (let at = text.indexOf(NEWLINE); at !== -1; at = text.indexOf(NEWLINE, start)) {
      if (add(text.subarray(start, at))) yield take()
      start = at + 1
    }
    rest = text.subarray(start)
  }
  if (rest.length > 0) add(rest)
  if (piece.lines.length > 0) yield take()
}

export interface SendOptions {
  service: Service
  token: string | undefined
  signal: AbortSignal
  onResult(result: ImportResult): void
}

/**
 * Sends lines and reads their results meanwhile. Resolves with the last line of the answer; undefined when the connection broke before it. Throws
 * SERVICE_UNREACHABLE when there was no answer at all, and what the service refuses the request with.
 */
export async function sendPiece({ from, lines }: Piece, { service, token, signal, onResult }: SendOptions): Promise<ImportEnd | undefined> {
  const url = new URL(`${service.url}/v1/studio/import?from=${from}`)
  const request = (url.protocol === 'https:' ? overHttps : overHttp)(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    signal,
    timeout: SILENCE_MS,
  })
  request.once('timeout', () => request.destroy(new Error(`no answer within ${SILENCE_MS / 1000} s`)))
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  answered.catch(() => undefined) // awaited below
  const sent = send(request, lines)
  let response: IncomingMessage
  try {
    response = await answered
  } catch (error) {
    signal.throwIfAborted()
    throw unreachable(service, error instanceof Error ? error.message : String(error), error)
  }
  if (response.statusCode !== 200) throw await refused(response, service)
  const end = await read(response, onResult).catch(() => undefined)
  signal.throwIfAborted()
  if (end === undefined) request.destroy()
  await sent
  return end
}

/** A connection that breaks while lines are sent shows in the answer. */
async function send(request: ClientRequest, lines: readonly Buffer[]): Promise<void> {
  await pipeline(Readable.from(chunksOf(lines)), request).catch(() => undefined)
}

/** Many lines a chunk: each chunk costs both sides a system call. */
function* chunksOf(lines: readonly Buffer[]): Generator<Buffer> {
  const newline = Buffer.from([NEWLINE])
  for (let from = 0; from < lines.length; from += CHUNK_LINES) yield Buffer.concat(lines.slice(from, from + CHUNK_LINES).flatMap((line) => [line, newline]))
}

async function read(response: IncomingMessage, onResult: (result: ImportResult) => void): Promise<ImportEnd | undefined> {
  let rest = ''
  response.setEncoding('utf8')
  for await (const chunk of response as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const value: unknown = JSON.parse(line)
      const end = importEnd.safeParse(value)
      if (end.success) return end.data.end
      onResult(importResult.parse(value))
    }
  }
  return undefined
}

async function refused(response: IncomingMessage, service: Service): Promise<StrataError> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) text += chunk
  return refusalIn(text) ?? unreachable(service, `it answered with status ${response.statusCode}`)
}
