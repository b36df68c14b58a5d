import { expect, it } from 'vitest'
import type { ServerReport } from '../model/server.ts'
import { ServerReports } from './serverReports.ts'

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

it('D2: the age of a server counts from the local time at which its beat changed, whatever the clock of the server says', () => {
  const servers = new ServerReports()
  servers.record(report(1_000 - HOUR), 1_000)
  expect(servers.reports.get('s1')?.beat).toBe(1_000)
  servers.record(report(2_000 - HOUR), 2_010)
  expect(servers.reports.get('s1')?.beat).toBe(2_010)
  // An unchanged beat does not renew the age; the other fields of the report are taken over.
  servers.replaceAll([{ ...report(2_000 - HOUR), draining: true }], 9_000)
  expect(servers.reports.get('s1')).toMatchObject({ beat: 2_010, draining: true })
})

it('replaceAll removes the servers that are not in the list', () => {
  const servers = new ServerReports()
  servers.replaceAll([report(1), report(1, 's2')], 5)
  servers.replaceAll([report(1, 's2')], 9)
  expect([...servers.reports.values()]).toMatchObject([{ id: 's2', beat: 5 }])
  servers.remove('s2')
  expect(servers.reports.size).toBe(0)
})
