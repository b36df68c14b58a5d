import { expect, it } from 'vitest'
import { RawPool } from '../../gameserver/demo/bots/raw/rawPool.ts'
import { FLAG } from '../../gameserver/demo/flags.ts'
import { PROTOCOL_VERSION } from '../../model/server.ts'
import { until } from './harness/servers.ts'
import { oneServerOfFile } from './harness/serversOfFile.ts'

const { servers, copy: forest } = await oneServerOfFile('forest')
const play = { inputRate: 20, decodeShare: 0.5, movingFlag: FLAG.walking, seed: 1 }

it('raw players of several processes enter, send inputs, and measure what they receive', async () => {
  using pool = await RawPool.start(2)
  const seats = []
  for (let n = 1; n <= 12; n++) {
    const holder = await servers.holder(`Raw ${n}`)
    await servers.place(holder, { map: 'forest', x: n, y: 0 })
    seats.push({ address: forest.address, room: forest.id, options: { ticket: await servers.ticket(holder, forest), protocol: PROTOCOL_VERSION } })
  }
  await pool.enter([...seats, { address: forest.address, room: forest.id, options: { ticket: 'forged', protocol: PROTOCOL_VERSION } }], play, { live: true })
  await pool.begin()
  const report = await until(
    'all have seen the others walk',
    async () => {
      const now = await pool.collect()
      return (now.ageWithin10mMs.p95 !== null && now.inputConfirmedMs.p50 !== null && now.snapshotGapMs.p50 !== null && now) || undefined
    },
    20_000,
  )
  expect(report).toMatchObject({ online: 12, lost: 0 })
  expect(Object.keys(report.refused)).toEqual([expect.stringMatching(/^TICKET_INVALID/)])
  expect(report.bytesPerClientPerSecond).toBeGreaterThan(100)
  expect(report.inSightMean).toBeGreaterThan(5)
  expect(report.snapshotsPerClientPerSecond).toBeGreaterThan(0)
})

it('X1: players that stop reading are disconnected within 10 s, also one that goes on sending pongs. Those that read late stay, and the others are served', async () => {
  using pool = await RawPool.start(1)
  const seats = []
  for (let n = 1; n <= 6; n++) {
    const holder = await servers.holder(`Slow ${n}`)
    seats.push({ address: forest.address, room: forest.id, options: { ticket: await servers.ticket(holder, forest), protocol: PROTOCOL_VERSION } })
  }
  await pool.enter(seats, play, { live: true })
  await pool.begin()
  const began = performance.now()
  await pool.readSlowly(4)
  const after = await until(
    'those that do not read are gone',
    async () => {
      const now = await pool.collect()
      return now.lost === 2 && now
    },
    15_000,
  )
  expect(performance.now() - began).toBeGreaterThan(4_000)
  expect(performance.now() - began).toBeLessThan(10_500)
  expect(after.online).toBe(4)
  await pool.begin()
  // More than the limit for those that read late.
  await new Promise((resolve) => setTimeout(resolve, 9_500))
  const later = await until('the others receive', async () => {
    const now = await pool.collect()
    return now.snapshotGapMs.p50 !== null && now
  })
  expect(later).toMatchObject({ online: 4, lost: 2 })
})
