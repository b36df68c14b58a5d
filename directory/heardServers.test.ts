import { expect, it } from 'vitest'
import type { ServerReport } from '../model/server.ts'
import { HeardServers } from './heardServers.ts'

const report = (beat: number, id = 's1'): ServerReport => ({
  id,
  fleet: 'overworld',
  address: `ws://${id}`,
  rooms: 1,
  protocol: { min: 1, max: 1 },
  draining: false,
  beat,
})
const HOUR = 3_600_000

it('D2: a server is as old as its last change of beat here, whatever its own clock says', () => {
  const servers = new HeardServers()
  servers.hear(report(1_000 - HOUR), 1_000)
  expect(servers.reports.get('s1')?.beat).toBe(1_000)
  servers.hear(report(2_000 - HOUR), 2_010)
  expect(servers.reports.get('s1')?.beat).toBe(2_010)
  // The same said again, by a list that is read anew, is no sign of life; what else it says counts.
  servers.replace([{ ...report(2_000 - HOUR), draining: true }], 9_000)
  expect(servers.reports.get('s1')).toMatchObject({ beat: 2_010, draining: true })
})

it('a list is all that there are', () => {
  const servers = new HeardServers()
  servers.replace([report(1), report(1, 's2')], 5)
  servers.replace([report(1, 's2')], 9)
  expect([...servers.reports.values()]).toMatchObject([{ id: 's2', beat: 5 }])
  servers.forget('s2')
  expect(servers.reports.size).toBe(0)
})
