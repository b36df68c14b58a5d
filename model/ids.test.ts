import { expect, it } from 'vitest'
import type { CopyId, MapName } from './ids.ts'

it("does not compile where a map's name is passed for a copy's id", () => {
  const map: MapName = 'forest'
  const close = (copy: CopyId): string => copy
  // @ts-expect-error: `npm run check` fails here if the two kinds become interchangeable
  expect(close(map)).toBe('forest')
})
