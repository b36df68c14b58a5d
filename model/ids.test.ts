import { expect, it } from 'vitest'
import type { AccountId, CharacterId, CopyId, LedgerAccount, MapName, MoveId, PartyId, ServerId } from './ids.ts'

it("does not compile where a map's name is passed for a copy's id", () => {
  const map: MapName = 'forest'
  const close = (copy: CopyId): string => copy
  // @ts-expect-error: `npm run check` fails here if the two kinds become interchangeable
  expect(close(map)).toBe('forest')
})

it('no kind of id compiles where another kind is expected', () => {
  type Mixes<A, B> = A extends B ? true : false
  const mixes: [Mixes<CharacterId, AccountId>, Mixes<AccountId, LedgerAccount>, Mixes<ServerId, CopyId>, Mixes<PartyId, MoveId>, Mixes<MapName, CharacterId>] =
    [false, false, false, false, false]
  expect(mixes).not.toContain(true)
})
