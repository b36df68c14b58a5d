import { z } from 'zod'
import { formatProblem } from '../../model/policy/parse.ts'
import { url } from '../../service/environment.ts'
import type { Logger } from '../../service/log.ts'
import { PolicyFolder } from '../../service/policyFolder.ts'
import { LocalFleets } from '../cluster/local/localFleets.ts'
import { policyFiles } from '../policies/policyFiles.ts'
import type { Platform } from './platform.ts'

export const localSettings = z.object({
  /** Folder with the policies. */
  STRATA_POLICIES: z.string().default('fleets'),
  /** Address of the fleet host, which `npm start` sets. */
  STRATA_FLEETS_URL: url,
  /** Token of the fleet host, which `npm start` sets. */
  STRATA_FLEETS_TOKEN: z.string({ message: 'is required: the token of the fleet host' }),
})

/** One machine: policies in a folder, servers as processes, the leader elected by a lock in the database. */
export async function localPlatform(settings: z.infer<typeof localSettings>, log: Logger): Promise<Platform> {
  await using starting = new AsyncDisposableStack()
  const policies = starting.use(await PolicyFolder.open(settings.STRATA_POLICIES, log))
  const fleets = starting.use(new LocalFleets(settings.STRATA_FLEETS_URL, settings.STRATA_FLEETS_TOKEN))
  const stack = starting.move()
  return {
    fleets,
    policies: () => policies.policies(),
    policyTexts: policyFiles(settings.STRATA_POLICIES),
    policyErrors: () => new Map(policies.problems().map((problem) => [problem.map ?? problem.file, formatProblem(problem)])),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
