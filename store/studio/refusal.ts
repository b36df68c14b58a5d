import { StrataError } from '../../model/errors.ts'
import type { AccountId } from '../../model/ids.ts'
import type { LineResult } from './studio.ts'

export function refusal(error: StrataError): LineResult {
  return { ok: false, code: error.code, message: error.message, details: error.details }
}

/** An old file must not bring back somebody who asked to be erased. */
export function erasedAccount(account: AccountId): StrataError {
  return new StrataError('BAD_REQUEST', { problem: `account "${account}" was erased; its person needs a new account` })
}
