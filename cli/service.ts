import { StrataError } from '../model/errors.ts'

/** A process with an HTTP API, and texts for the error when it does not answer. */
export interface Service {
  what: string
  url: string
  hint: string
  /** The caller's token in the context of this service; absent: the context has none. */
  token?: () => Promise<string | undefined>
}

export function unreachable({ what, url, hint }: Service, problem: string, cause?: unknown): StrataError {
  return new StrataError('SERVICE_UNREACHABLE', { what, url, problem, hint }, { cause })
}
