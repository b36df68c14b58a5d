import { LRUCache } from 'lru-cache'
import { StrataError } from '../../model/errors.ts'
import type { AccountId, CharacterId } from '../../model/ids.ts'
import type { Accounts } from '../../store/accounts/accounts.ts'

/** Most characters whose owner is cached. The one unused for longest is dropped, and read from the database at its next use. */
const MAX_OWNERS = 50_000
/** How long an owner is trusted, in ms. Characters do not change their owner; a deleted one is refused by every flow that reads its profile. */
const OWNER_MS = 60_000
/** How long an account's only character is trusted, in ms: another matchmaker may make a second one. */
const ONLY_MS = 2_000

/** Which character of an account a request is about. */
export class Ownership {
  readonly #accounts: Pick<Accounts, 'ownerOf' | 'charactersOf'>
  readonly #owners = new LRUCache<CharacterId, AccountId>({ max: MAX_OWNERS, ttl: OWNER_MS })
  readonly #only = new LRUCache<AccountId, CharacterId>({ max: MAX_OWNERS, ttl: ONLY_MS })

  constructor(accounts: Pick<Accounts, 'ownerOf' | 'charactersOf'>) {
    this.#accounts = accounts
  }

  /**
   * The named character, or the only one that the account has. Throws CHARACTER_UNKNOWN (also for somebody else's character: nobody learns which ids exist),
   * CHARACTER_UNSPECIFIED, NO_CHARACTER.
   */
  async characterOf(account: AccountId, named: CharacterId | undefined): Promise<CharacterId> {
    if (named === undefined) return this.#onlyCharacter(account)
    const owner = this.#owners.get(named) ?? (await this.#accounts.ownerOf(named))
    if (owner !== undefined) this.#owners.set(named, owner)
    if (owner !== account) throw new StrataError('CHARACTER_UNKNOWN', { character: named })
    return named
  }

  /** Call it when the account's characters have changed. */
  forget(account: AccountId, character?: CharacterId): void {
    this.#only.delete(account)
    if (character !== undefined) this.#owners.delete(character)
  }

  async #onlyCharacter(account: AccountId): Promise<CharacterId> {
    const known = this.#only.get(account)
    if (known !== undefined) return known
    const characters = await this.#accounts.charactersOf(account)
    const [only] = characters
    if (only === undefined) throw new StrataError('NO_CHARACTER')
    if (characters.length > 1) throw new StrataError('CHARACTER_UNSPECIFIED', { count: characters.length })
    this.#only.set(account, only.character)
    return only.character
  }
}
