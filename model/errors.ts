import { operatorErrors } from './operatorErrors.ts'
import { type ErrorDetails, fill } from './playerErrorCodes.ts'
import { type ErrorRow, playerErrors } from './playerErrors.ts'

export type { ErrorDetails, ErrorRow }

/** All errors that may leave a process. */
export const catalogue = { ...playerErrors, ...operatorErrors }

export type ErrorCode = keyof typeof catalogue

/** The only error class that leaves a process. Its `message` is complete: the details are filled in. */
export class StrataError extends Error {
  override readonly name = 'StrataError'
  readonly code: ErrorCode
  readonly details: ErrorDetails
  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(fill(catalogue[code].message, details), options)
    this.code = code
    this.details = details
  }
  get row(): ErrorRow {
    return catalogue[this.code]
  }
  /** Body of an HTTP error response. */
  toJSON(): { error: { code: ErrorCode; message: string; retryable: boolean; details: ErrorDetails } } {
    return { error: { code: this.code, message: this.message, retryable: this.row.retryable, details: this.details } }
  }
}
