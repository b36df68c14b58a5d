import type { ErrorCode } from '../model/errors.ts'
import { clientTexts, closeCodes, type ErrorDetails, fill, type PlayerErrorCode, retryableErrors } from '../model/playerErrorCodes.ts'

/** Codes that only clients use: no answer from a server, the world was left meanwhile, or a move failed. */
type OwnCode = 'UNREACHABLE' | 'CLOSED' | 'MOVE_FAILED'

/** An error with a code of Strata's catalogue or one of the client's own codes. */
export class StrataClientError extends Error {
  override readonly name = 'StrataClientError'
  readonly code: ErrorCode | OwnCode
  /** True when the same call may succeed later. */
  readonly retryable: boolean
  constructor(code: StrataClientError['code'], message: string, retryable: boolean, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.retryable = retryable
  }
}

/** An error that the client finds by itself, with the catalogue's message. */
export function ownError(code: keyof typeof clientTexts, details: ErrorDetails = {}): StrataClientError {
  return new StrataClientError(code, fill(clientTexts[code], details), code in retryableErrors)
}

/** Converts an error answer of the matchmaker's HTTP API. */
export function fromAnswer(status: number, body: unknown): StrataClientError {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error && isCode(error.code)) {
    return new StrataClientError(error.code, String(error.message), error.code in retryableErrors)
  }
  return new StrataClientError('UNREACHABLE', `the matchmaker answered with status ${status} and no error code`, status >= 500)
}

/** HTTP status of a join above the rate of its address. */
const TOO_MANY = 429

/** Converts a server's refusal of a join, whose text is `CODE: message`. A proxy, or a server of an earlier release, says with the status alone that there are too many joins. */
export function fromRefusal(error: unknown): StrataClientError {
  const message = error instanceof Error ? error.message : String(error)
  const [code] = /^[A-Z_]+(?=: )/.exec(message) ?? []
  if (isCode(code)) return new StrataClientError(code, message.slice(code.length + 2), code in retryableErrors, { cause: error })
  if (error instanceof Error && 'code' in error && error.code === TOO_MANY)
    return new StrataClientError('TOO_MANY_REQUESTS', 'too many joins; wait a second', true, { cause: error })
  return new StrataClientError('UNREACHABLE', message === '' ? 'the server is not reachable' : message, true, { cause: error })
}

/**
 * Converts a WebSocket close code; the catalogue uses 4100–4299. Any other code may be an accident, so the error is retryable. `ended`: what the server said
 * before it closed: the text with its details, which the code lacks.
 */
export function fromCloseCode(close: number, ended?: { code: ErrorCode; message: string }): StrataClientError {
  const [code] = Object.entries(closeCodes).find(([, own]) => own === close) ?? []
  if (isCode(code)) {
    const text = code in clientTexts ? fill(clientTexts[code as keyof typeof clientTexts], {}) : `the server closed the connection with the code ${code}` // checked by `in`
    return new StrataClientError(code, ended?.code === code ? ended.message : text, code in retryableErrors)
  }
  return new StrataClientError('UNREACHABLE', `the connection closed (${close})`, true)
}

/** Converts any failure. An unknown error is a bug and is not retryable. */
export function toClientError(error: unknown): StrataClientError {
  if (error instanceof StrataClientError) return error
  return new StrataClientError('INTERNAL', error instanceof Error ? error.message : String(error), false, { cause: error })
}

function isCode(code: unknown): code is PlayerErrorCode {
  return typeof code === 'string' && Object.hasOwn(closeCodes, code)
}
