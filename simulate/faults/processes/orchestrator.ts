import type { CryptoKey } from 'jose'
import type { Logger } from 'pino'
import { CensusReplica } from '../../../directory/censusReplica.ts'
import type { Directory } from '../../../directory/directory.ts'
import type { Clock } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, CopyId } from '../../../model/ids.ts'
import type { Policies } from '../../../model/policy/policy.ts'
import { operatorClose } from '../../../orchestrator/admin/operatorClose.ts'
import type { Fleets } from '../../../orchestrator/cluster/fleets.ts'
import { plan } from '../../../orchestrator/plan/plan.ts'
import { Alarm } from '../../../orchestrator/reconcile/alarm.ts'
import { beginTerm } from '../../../orchestrator/reconcile/beginTerm.ts'
import { leadWhenPossible } from '../../../orchestrator/reconcile/leadership.ts'
import { reconcileLoop, wakeOn } from '../../../orchestrator/reconcile/reconcileLoop.ts'
import { DecisionWriter } from '../../../store/decisions/decisionWriter.ts'
import type { Store } from '../../../store/store.ts'

export interface OrchestratorParts {
  clock: Clock
  directory: Directory
  store: Store
  fleets: Fleets
  policies: Policies
  newId: () => string
  ticketKey: CryptoKey
  log: Logger
}

const noObserver = { planned: () => {}, applied: () => {}, failed: () => {}, moveOrdered: () => {} }

/** The operator's commands. */
export interface SimOrchestrator {
  close(copy: CopyId): Promise<unknown>
}

/** One orchestrator: the parts that `orchestrator/start.ts` puts together, without HTTP. Throws when the directory does not respond. */
export async function startOrchestrator({ clock, directory, store, fleets, policies, newId, ticketKey, log }: OrchestratorParts): Promise<SimOrchestrator> {
  const replica = await CensusReplica.follow(directory, clock)
  const alarm = new Alarm()
  const decisions = new DecisionWriter({ store, log })
  replica.onChange((event) => wakeOn(event, alarm))
  const census = () => {
    if (!replica.ready()) throw new StrataError('DEPENDENCY_DOWN', { what: 'The directory' })
    return replica.census()
  }
  const lead = async (signal: AbortSignal): Promise<void> => {
    const parts = {
      directory,
      fleets,
      census,
      policies: () => policies,
      decisions,
      ticketKey,
      holderKeys: (characters: readonly CharacterId[]) => store.holderKeys(characters),
      clock,
      newId,
      plan,
      log,
      observer: noObserver,
    }
    await reconcileLoop(await beginTerm(parts, store), alarm, log, signal)
  }
  void leadWhenPossible({ election: store, name: 'orchestrator', duty: lead, log, stopping: new AbortController().signal })
  return { close: (copy) => operatorClose({ directory, decisions, newId, census, policies: () => policies, clock }, copy) }
}
