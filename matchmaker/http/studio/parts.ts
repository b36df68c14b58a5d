import type { NameRules } from '../../../model/people/names.ts'
import type { Accounts } from '../../../store/accounts/accounts.ts'
import type { Studio } from '../../../store/studio/studio.ts'
import type { GuardOptions } from '../../access/guard.ts'
import type { Parts } from '../../parts.ts'

/** What the routes of the studio's back end work with. */
export interface StudioRoutes {
  parts: Pick<Parts, 'directory' | 'log'>
  studio: Studio
  accounts: Accounts
  guard: GuardOptions
  names: NameRules
}
