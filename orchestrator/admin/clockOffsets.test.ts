import { expect, it } from 'vitest'
import { ClockOffsets } from './clockOffsets.ts'

const beat = (server: string, at: number) => ({
  type: 'server' as const,
  server,
  report: { id: server, fleet: 'overworld', address: 'ws://s', rooms: 1, protocol: { min: 1, max: 1 }, draining: false, beat: at },
})

it('a clock is as wrong as the beat that came fastest says, once ten were heard', () => {
  const offsets = new ClockOffsets()
  for (let n = 0; n < 9; n++) offsets.see(beat('ahead', n * 1_000 + 3_000), n * 1_000 + 20 * n + 5)
  expect([...offsets]).toEqual([])
  offsets.see(beat('ahead', 12_000), 9_400)
  expect([...offsets]).toEqual([['ahead', -2_995]])
  // Set right meanwhile: the tenth beat from then on says so.
  for (let n = 0; n < 10; n++) offsets.see(beat('ahead', 20_000 + n), 20_002 + n)
  expect([...offsets]).toEqual([['ahead', 2]])
  offsets.see({ type: 'server', server: 'ahead' }, 30_000)
  expect([...offsets]).toEqual([])
})
