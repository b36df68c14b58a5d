import { StrataError } from '../../../model/errors.ts'
import type { CopyId, FleetName, MapName } from '../../../model/ids.ts'
import type { Action } from '../../plan/action.ts'
import type { Backoff } from '../backoff.ts'
import type { Round } from '../round.ts'
import { closeCopy, reopenCopy, retargetCopy } from './changeCopy.ts'
import { loseCopy } from './loseCopy.ts'
import { openCopy } from './openCopy.ts'
import { orderMove } from './orderMove.ts'
import { scaleFleet } from './scaleFleet.ts'

/** What outlives a round. */
export interface ApplyMemory {
  backoff: Backoff
  lastScale: Map<FleetName, number>
}

/**
 * Applies the actions of one plan. Maps go side by side, so that trouble with one never holds up another; openings go
 * one after the other over all maps, because they share servers; fleets are scaled last, when it is known what was allocated.
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
      await attempt(round, action, memory, () => openOrWait(round, action, copyId(action.map, round.now, ordinal)))
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
    case 'move':
      return orderMove(round, action)
    case 'lose':
      return loseCopy(round, action)
  }
}

/** One action; its failure is told, remembered, and stays its own. */
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
    parts.log.warn({ err: error, action }, 'an action failed; it is tried again')
  }
}

/** No server to be had is not a failure to back off from: the fleet grows meanwhile, and the next round asks again. */
async function openOrWait(round: Round, action: Action & { type: 'open' }, id: CopyId): Promise<void> {
  if (await openCopy(round, action, id)) return
  round.parts.log.debug({ map: action.map, why: action.why }, new StrataError('NO_SERVER').message)
}

function keyOf(action: Action): string {
  switch (action.type) {
    case 'open':
      return `open ${action.map} ${action.party ?? ''}`
    case 'scale':
      return `scale ${action.fleet}`
    case 'move':
      return `move ${action.from} ${action.to} ${action.party ?? action.characters.join(' ')}`
    default:
      return `${action.type} ${action.copy}`
  }
}

/** The map and the instant of the round: readable, unique for ever, and the same for the same plan. */
function copyId(map: MapName, now: number, ordinal: number): CopyId {
  return `${map}-${now.toString(36)}${ordinal === 0 ? '' : `-${ordinal}`}`
}
