import { expect, it } from 'vitest'
import { ClockOffsets } from './clockOffsets.ts'

const beat = (server: string, at: number) => ({
  type: 'server' as const,
  server,
  report: { id: server, fleet: 'overworld', address: 'ws://s', rooms: 1, protocol: { min: 1, max: 1 }, draining: false, beat: at },
})

it('the offset is the smallest difference of the last ten reports', () => {
  const offsets = new ClockOffsets()
  const present = new Set(['ahead'])
  for (let n = 0; n < 9; n++) offsets.onEvent(beat('ahead', n * 1_000 + 3_000), n * 1_000 + 20 * n + 5)
  expect(offsets.of(present)).toEqual(new Map())
  offsets.onEvent(beat('ahead', 12_000), 9_400)
  expect(offsets.of(present)).toEqual(new Map([['ahead', -2_995]]))
  // The clock was corrected: the tenth report after that shows it.
  for (let n = 0; n < 10; n++) offsets.onEvent(beat('ahead', 20_000 + n), 20_002 + n)
  expect(offsets.of(present)).toEqual(new Map([['ahead', 2]]))
  expect(offsets.of(new Set())).toEqual(new Map())
  expect(offsets.of(present)).toEqual(new Map())
})
