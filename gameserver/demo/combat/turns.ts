import type { EntityId } from '../../../model/ids.ts'

/** Who of a party gets the next drop: the member after the last one, in the order of their ids. Members come and go between two drops. */
export function nextInTurn(members: readonly EntityId[], last: EntityId | undefined): EntityId | undefined {
  const inOrder = members.toSorted((a, b) => a - b)
  return inOrder.find((id) => last === undefined || id > last) ?? inOrder[0]
}
