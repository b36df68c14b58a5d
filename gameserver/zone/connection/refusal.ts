import { ServerError } from '@colyseus/core'
import { StrataError } from '../../../model/errors.ts'
import { toStrataError } from '../../../service/http.ts'

/** Error for a join over HTTP: the status from the error catalogue, and a message that begins with the code. */
export function httpRefusal(error: unknown): ServerError {
  const known = toStrataError(error)
  return new ServerError(known.row.status, `${known.code}: ${known.message}`, { cause: error })
}

/** Error for a join over WebSocket: the close code from the error catalogue, and a message that begins with the code. */
export function joinRefusal(error: unknown): ServerError {
  const known = toStrataError(error)
  return new ServerError(known.row.close, `${known.code}: ${known.message}`, { cause: error })
}

/** Arguments of a WebSocket close. The reason is the code alone, because a close reason may have at most 123 bytes. */
export function closeArguments(error: StrataError): [code: number, reason: string] {
  return [error.row.close, error.code]
}

/** Whether an error is a refusal from the error catalogue and not a server fault. */
export function isRefusal(error: unknown): boolean {
  const reason = error instanceof Error ? error.cause : undefined
  return reason instanceof StrataError && reason.row.status < 500
}
