import type { Account } from './account.ts'

/** Accounts of one process that sign in at once. With more, one matchmaker beside other work refuses requests. */
const AT_ONCE = 4

/**
 * Signs all accounts in, in this order, so that their characters and guilds are there; then each asks its friends again, who have characters now. A request that both have
 * sent is a friendship. What fails is tried again when the bot enters.
 */
export async function acquaint(accounts: ReadonlySet<Account>, signal: AbortSignal): Promise<void> {
  await forEach(accounts, (account) => account.signIn(signal))
  await forEach(accounts, (account) => account.friends.ask())
}

async function forEach(accounts: ReadonlySet<Account>, act: (account: Account) => Promise<void>): Promise<void> {
  const waiting = accounts.values()
  const work = async (): Promise<void> => {
    for (const account of waiting) await act(account).catch(() => undefined)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}
