import { expect, it } from 'vitest'
import type { MapName } from '../../../model/ids.ts'
import { BorderWatch } from './borderWatch.ts'
import type { Resident } from './resident.ts'

it('a client in a corner gets notice of another border at once, and of the same border again after 3 s', () => {
  const notices: [at: number, map: MapName][] = []
  let [near, now]: [MapName | undefined, number] = [undefined, 0]
  const watch = new BorderWatch<object, object>(() => near)
  const connection = { send: (_type: string, { map }: { map: MapName }) => notices.push([now, map]) }
  const resident = { character: 'ann', connection } as unknown as Resident<object, object>
  const look = (map: MapName | undefined, at: number): void => {
    ;[near, now] = [map, at]
    watch.check(resident, at)
  }
  look('hills', 0)
  look('hills', 1_000)
  look('marsh', 1_250)
  look('hills', 1_500) // a zigzag along the diagonal does not ask at each step
  look('marsh', 2_000)
  look(undefined, 2_250)
  look('marsh', 4_300)
  expect(notices).toEqual([
    [0, 'hills'],
    [1_250, 'marsh'],
    [4_300, 'marsh'],
  ])
})
