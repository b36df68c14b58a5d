import { CONSTANTS } from '../../../score/constants.ts'
import type { Action } from '../action.ts'
import { spend } from './account.ts'
import { addClosings } from './closings.ts'
import type { Spending } from './spending.ts'

/** Books what this round has ordered. Moves that operators caused, by an order or by ending a server, are not the planner's. */
export function bookActions(spending: Spending, actions: readonly Action[], constants = CONSTANTS): Spending {
  let [moved, merged, closed] = [0, 0, 0]
  for (const action of actions) {
    if (action.type === 'move' && action.cause !== 'operator' && action.cause !== 'drain') {
      moved += action.characters.length
      if (action.cause === 'merge') merged += action.characters.length
    } else if (action.type === 'close' && (action.reason === 'merge' || action.reason === 'empty')) closed++
    else if (action.type === 'reopen') closed--
  }
  if (moved === 0 && closed === 0) return spending
  const closings = addClosings(spending.closings, { copies: closed, moves: merged }, constants)
  return { ...spending, moves: spend(spending.moves, moved, constants), closings }
}
