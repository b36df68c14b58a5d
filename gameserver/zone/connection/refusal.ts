import { ServerError } from '@colyseus/core'
import { StrataError } from '../../../model/errors.ts'
import { toStrataError } from '../../../service/http.ts'

/** Thrown while a client joins by HTTP: the catalogue's status, and the code in front of the message. */
export function httpRefusal(error: unknown): ServerError {
  const known = toStrataError(error)
  return new ServerError(known.row.status, `${known.code}: ${known.message}`, { cause: error })
}

/** Thrown while a client joins by WebSocket: the catalogue's close code, and the code in front of the message. */
export function joinRefusal(error: unknown): ServerError {
  const known = toStrataError(error)
  return new ServerError(known.row.close, `${known.code}: ${known.message}`, { cause: error })
}

/** Only the code fits for certain into the 123 bytes of a WebSocket's close reason. */
export function closeArguments(error: StrataError): [code: number, reason: string] {
  return [error.row.close, error.code]
}

/** A refusal by the catalogue that is not our fault. */
export function isAnswer(error: unknown): boolean {
  const reason = error instanceof Error ? error.cause : undefined
  return reason instanceof StrataError && reason.row.status < 500
}
