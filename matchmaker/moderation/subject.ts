import { StrataError } from '../../model/errors.ts'
import type { AccountId, CharacterId } from '../../model/ids.ts'
import type { Accounts } from '../../store/accounts/accounts.ts'
import type { Parts } from '../parts.ts'

/** Whom a moderator means: an account, and the characters that the act concerns. */
export interface Subject {
  account: AccountId
  characters: CharacterId[]
}

/** Dependencies of moderation. */
export interface ModerationParts {
  parts: Parts
  accounts: Accounts
}

/**
 * The account of this id, or the one that owns the character of this id or name. `account:` and `character:` in front say which. Throws ACCOUNT_UNKNOWN, and
 * BAD_REQUEST when both exist and belong to different people: a player may choose a name that is the account id of somebody else.
 */
export async function subjectNamed({ parts, accounts }: ModerationParts, named: string): Promise<Subject> {
  const [, kind, rest] = /^(account|character):(.+)$/.exec(named) ?? []
  const id = rest ?? named
  const account = kind === 'character' ? undefined : await accounts.account(id)
  const character = kind === 'account' ? undefined : await parts.store.findCharacter(id)
  if (account !== undefined && character !== undefined && character.account !== account.account)
    throw new StrataError('BAD_REQUEST', { problem: `"${id}" is an account and also a character of another account: write account:${id} or character:${id}` })
  if (account !== undefined) return { account: account.account, characters: (await accounts.charactersOf(account.account)).map((one) => one.character) }
  if (character === undefined) throw new StrataError('ACCOUNT_UNKNOWN', { account: named })
  return { account: character.account, characters: [character.character] }
}

/** The same account with all its characters. */
export async function wholeAccount({ accounts }: ModerationParts, { account }: Subject): Promise<Subject> {
  return { account, characters: (await accounts.charactersOf(account)).map(({ character }) => character) }
}
