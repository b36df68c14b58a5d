import { StrataError } from '../../../model/errors.ts'
import type { CopyId, FleetName, MapName } from '../../../model/ids.ts'
import { ownerId } from '../../../model/policy/instanceKey.ts'
import { traced } from '../../../service/observe/trace.ts'
import type { Action } from '../../plan/action.ts'
import type { KeyedBackoff } from '../keyedBackoff.ts'
import type { Round } from '../round.ts'
import { changeRules, closeCopy, reopenCopy, retargetCopy } from './changeCopy.ts'
import { loseCopy } from './loseCopy.ts'
import { openCopy } from './openCopy.ts'
import { orderMove } from './orderMove.ts'
import { scaleFleet } from './scaleFleet.ts'

/** State of `applyPlan` between rounds. `lastScale`: the last size that was recorded per fleet. */
export interface ApplyMemory {
  backoff: KeyedBackoff
  lastScale: Map<FleetName, number>
}

/**
 * Applies the actions of one plan. Maps are changed concurrently, so that a failure on one map does not delay another. Openings run one after the other
 * over all maps, because they share servers. Fleets are scaled last, when the allocations of the round are known.
 */
export async function applyPlan(round: Round, actions: readonly Action[], memory: ApplyMemory): Promise<void> {
  const openings = actions.filter((action) => action.type === 'open')
  const scalings = actions.filter((action) => action.type === 'scale')
  const changes = Map.groupBy(
    actions.filter((action) => action.type !== 'open' && action.type !== 'scale'),
    ({ map }) => map,
  )
  const count = new Map<MapName, number>()
  const openAll = async (): Promise<void> => {
    for (const action of openings) {
      const ordinal = count.get(action.map) ?? 0
      count.set(action.map, ordinal + 1)
      await attempt(round, action, memory, async () => {
        // When no server is available, the next round asks again without back-off: the fleet is growing.
        if (!(await openCopy(round, action, copyId(action.map, round.now, ordinal))))
          round.parts.log.debug({ map: action.map, why: action.why }, new StrataError('NO_SERVER').message)
      })
    }
  }
  const changeAll = [...changes.values()].map(async (ofMap) => {
    for (const action of ofMap) await attempt(round, action, memory, () => apply(round, action))
  })
  await Promise.all([openAll(), ...changeAll])
  for (const action of scalings) await attempt(round, action, memory, () => scaleFleet(round, action, memory.lastScale))
}

type Change = Exclude<Action, { type: 'open' | 'scale' }>

function apply(round: Round, action: Change): Promise<void> {
  switch (action.type) {
    case 'close':
      return closeCopy(round, action)
    case 'retarget':
      return retargetCopy(round, action)
    case 'reopen':
      return reopenCopy(round, action)
    case 'rules':
      return changeRules(round, action)
    case 'move':
      return traced('order move', { attributes: { 'strata.cause': action.cause, 'strata.to': action.to } }, () => orderMove(round, action))
    case 'lose':
      return loseCopy(round, action)
  }
}

/** Applies one action. A failure is logged and delays only the next attempt of the same action. */
async function attempt(round: Round, action: Action, { backoff }: ApplyMemory, act: () => Promise<void>): Promise<void> {
  const { parts, now, signal } = round
  signal.throwIfAborted()
  const key = keyOf(action)
  if (!backoff.mayTry(key, now)) return
  try {
    await act()
    backoff.succeeded(key)
    parts.observer.applied(action.type)
  } catch (error) {
    signal.throwIfAborted()
    backoff.failed(key, parts.clock.now())
    parts.observer.failed(action.type)
    parts.log.warn({ err: error, action }, 'an action failed; a later round tries it again')
  }
}

function keyOf(action: Action): string {
  switch (action.type) {
    case 'open':
      return `open ${action.map} ${ownerId(action) ?? ''}`
    case 'scale':
      return `scale ${action.fleet}`
    case 'move':
      return `move ${action.from} ${action.to} ${action.party ?? action.characters.join(' ')}`
    default:
      return `${action.type} ${action.copy}`
  }
}

/** The id of a new copy: map, instant of the round, and ordinal. It is readable, unique, and the same for the same plan (rule C5). */
function copyId(map: MapName, now: number, ordinal: number): CopyId {
  return `${map}-${now.toString(36)}${ordinal === 0 ? '' : `-${ordinal}`}`
}
