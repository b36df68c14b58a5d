import { catalogue, type ErrorCode } from '../model/errors.ts'

/** What went wrong, by the code of Strata's catalogue, or one of the client's own. */
export class StrataClientError extends Error {
  override readonly name = 'StrataClientError'
  readonly code: ErrorCode | 'UNREACHABLE' | 'CLOSED'
  /** The same call may work later. */
  readonly retryable: boolean
  constructor(code: StrataClientError['code'], message: string, retryable: boolean, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.retryable = retryable
  }
}

/** An answer of the matchmaker's HTTP API. */
export function fromAnswer(status: number, body: unknown): StrataClientError {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error && isCode(error.code)) {
    return new StrataClientError(error.code, String(error.message), catalogue[error.code].retryable)
  }
  return new StrataClientError('UNREACHABLE', `the matchmaker answered ${status} without saying why`, status >= 500)
}

/** A server that refused a join says `CODE: message`. */
export function fromRefusal(error: unknown): StrataClientError {
  const message = error instanceof Error ? error.message : String(error)
  const [code] = /^[A-Z_]+(?=: )/.exec(message) ?? []
  if (isCode(code)) return new StrataClientError(code, message.slice(code.length + 2), catalogue[code].retryable, { cause: error })
  return new StrataClientError('UNREACHABLE', message === '' ? 'the server could not be reached' : message, true, { cause: error })
}

/** The close code of a WebSocket, where it is one of the catalogue's (4100–4199). */
export function fromCloseCode(close: number): StrataClientError | undefined {
  const [code, row] = Object.entries(catalogue).find(([, { close: own }]) => own === close) ?? []
  return isCode(code) && row !== undefined ? new StrataClientError(code, row.message, row.retryable) : undefined
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && code in catalogue
}
