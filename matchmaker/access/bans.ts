import { LRUCache } from 'lru-cache'
import type { Clock, DurationMs } from '../../model/clock.ts'
import type { AccountId } from '../../model/ids.ts'
import { refuseBanned } from '../../model/people/sanction.ts'
import type { Accounts, Sanction } from '../../store/accounts/accounts.ts'

/** How long a read ban is trusted, in ms. 50,000 waiting players then cost 5,000 reads a second of one row by its key; a new ban is seen within this time. */
const TRUSTED_MS: DurationMs = 10_000
/** Most accounts kept in memory: as many as may wait in a line of the largest size. */
const MAX_ACCOUNTS = 50_000

/** Bans for requests that come often and read no profile: polls of the line. Entering and travelling read the ban with the profile, without a cache. */
export class Bans {
  readonly #accounts: Pick<Accounts, 'account'>
  readonly #clock: Clock
  readonly #known: LRUCache<AccountId, { ban?: Sanction }>

  constructor(accounts: Pick<Accounts, 'account'>, clock: Clock) {
    this.#accounts = accounts
    this.#clock = clock
    this.#known = new LRUCache({ max: MAX_ACCOUNTS, ttl: TRUSTED_MS, ttlResolution: 0, perf: clock })
  }

  /** Throws ACCOUNT_BANNED. */
  async refuse(account: AccountId): Promise<void> {
    let known = this.#known.get(account)
    if (known === undefined) {
      const ban = (await this.#accounts.account(account))?.ban
      known = ban === undefined ? {} : { ban }
      this.#known.set(account, known)
    }
    refuseBanned(known.ban, this.#clock.now())
  }
}
