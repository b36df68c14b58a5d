import { StrataError } from '../../model/errors.ts'
import type { AccountId, CharacterId } from '../../model/ids.ts'
import { endSessions } from './endSessions.ts'
import type { ModerationParts } from './subject.ts'

interface Erasure {
  actor: string
  account: AccountId
  reason: string
}

/** Ends the account's sessions and removes what is personal (store/accounts). Returns its former characters. Repeat it after a failure. Throws ACCOUNT_UNKNOWN. */
export async function erase({ parts, accounts }: ModerationParts, { actor, account, reason }: Erasure): Promise<CharacterId[]> {
  if ((await accounts.account(account)) === undefined) throw new StrataError('ACCOUNT_UNKNOWN', { account })
  await accounts.audit({ actor, action: 'erase', subject: account, reason })
  const characters = (await accounts.charactersOf(account)).map(({ character }) => character)
  await endSessions(parts, characters, 'KICKED', 'the account is erased')
  await accounts.eraseAccount(account)
  return characters
}
