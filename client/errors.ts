import { catalogue, type ErrorCode } from '../model/errors.ts'

/** What only a client can see: nobody answered, the world was left meanwhile, or a move did not happen. */
type OwnCode = 'UNREACHABLE' | 'CLOSED' | 'MOVE_FAILED'

/** What went wrong, by the code of Strata's catalogue, or one of the client's own. */
export class StrataClientError extends Error {
  override readonly name = 'StrataClientError'
  readonly code: ErrorCode | OwnCode
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

/** A closed connection, by the close codes of the catalogue (4100–4199). Any other end may be an accident: worth another try. */
export function fromCloseCode(close: number): StrataClientError {
  const [code, row] = Object.entries(catalogue).find(([, { close: own }]) => own === close) ?? []
  if (isCode(code) && row !== undefined) return new StrataClientError(code, row.message, row.retryable)
  return new StrataClientError('UNREACHABLE', `the connection closed (${close})`, true)
}

/** A failure of any kind as one of ours; what is not one is a bug, and is not tried again. */
export function toClientError(error: unknown): StrataClientError {
  if (error instanceof StrataClientError) return error
  return new StrataClientError('INTERNAL', error instanceof Error ? error.message : String(error), false, { cause: error })
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && code in catalogue
}
