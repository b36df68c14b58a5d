import { expect, it } from 'vitest'
import { toGameServer } from './gameServer.ts'

it('reads fleet, region and the drain mark from the GameServer object', () => {
  const labelsMap: [string, string][] = [
    ['agones.dev/fleet', 'overworld'],
    ['strata.dev/region', 'eu'],
  ]
  const sdk = (annotationsMap: [string, string][], labels: [string, string][]) =>
    toGameServer({
      objectMeta: { name: 'overworld-1', uid: 'u', labelsMap: labels, annotationsMap },
      status: { state: 'Ready', address: '203.0.113.7', portsList: [{ name: 'ws', port: 7123 }], countersMap: [] },
    })
  expect(sdk([], labelsMap)).toMatchObject({ name: 'overworld-1', fleet: 'overworld', region: 'eu', host: '203.0.113.7', port: 7123, marked: false })
  expect(sdk([['strata.dev/drain', 'update']], [])).toMatchObject({ fleet: '', region: undefined, marked: true })
})
