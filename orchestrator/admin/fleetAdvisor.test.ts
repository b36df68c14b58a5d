import { generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import { MemoryDirectory } from '../../directory/memory.ts'
import { VirtualClock } from '../../model/clock.ts'
import { createLogger } from '../../service/log.ts'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
import { emptyMemory } from '../plan/action.ts'
import { plan } from '../plan/plan.ts'
import type { ReconcilerParts } from '../reconcile/round.ts'
import { policy } from '../reconcile/testing/world.ts'
import { FleetAdvisor } from './fleetAdvisor.ts'

async function parts(): Promise<ReconcilerParts & { clock: VirtualClock }> {
  const clock = new VirtualClock(1_000_000)
  return {
    directory: new MemoryDirectory(),
    fleets: new MemoryFleets({ overworld: { replicas: 1, rooms: 2 } }),
    census: () => ({ at: clock.now(), maps: new Map(), servers: new Map(), whereabouts: new Map() }),
    policies: () => new Map([['forest', policy('forest', { copies: { min: 5, warm: 0 } })]]),
    decisions: { add: () => {} },
    ticketKey: (await generateKeyPair('EdDSA')).privateKey,
    holderKeys: async () => new Map(),
    clock,
    newId: () => 'id',
    plan,
    log: createLogger('test', 'silent'),
    observer: { planned() {}, applied() {}, failed() {}, moveOrdered() {} },
  }
}
const signal = new AbortController().signal

describe('FleetAdvisor', () => {
  it('a follower answers with what its own plan wants, and changes nothing', async () => {
    const all = await parts()
    const advisor = new FleetAdvisor(all)
    // Five copies at two per server need three servers; one more is kept ready.
    expect(await advisor.wantedServers('overworld', signal)).toBe(4)
    expect(await advisor.wantedServers('not-there', signal)).toBeUndefined()
    expect(await all.directory.maps()).toEqual([])
    expect((await all.fleets.list(signal)).map(({ state }) => state)).toEqual(['Ready'])
  })

  it('a follower counts the parties that wait for an instance', async () => {
    const all = await parts()
    const now = all.clock.now()
    for (const party of ['p', 'q', 'r', 's']) {
      const holders = [{ character: party, entity: 1, name: party, language: 'en', party }]
      await all.directory.joinLine({ id: party, map: 'cave', rank: 0, arrived: now, holders, keepUntil: now + 60_000 }, 10, now)
    }
    const cave = policy('cave', { kind: 'instance', copies: { min: 0, max: 10 } })
    const census = (): ReturnType<typeof all.census> => ({ ...all.census(), maps: new Map([['cave', { map: 'cave', copies: new Map(), waiting: 4 }]]) })
    const advisor = new FleetAdvisor({ ...all, census, policies: () => new Map([['cave', cave]]) })
    // Four instances at two per server, and one server is kept ready.
    expect(await advisor.wantedServers('overworld', signal)).toBeGreaterThanOrEqual(2)
  })

  it('the leader answers from the plan of its last round, and makes a new plan when that one is too old', async () => {
    const all = await parts()
    const advisor = new FleetAdvisor(all)
    const fleets = new Map([['overworld', { ready: 3, allocated: 4, starting: 0, lost: 0, roomsPerServer: 2 }]])
    const input = { census: all.census(), policies: all.policies(), fleets, draining: new Set<string>(), moving: new Set<string>(), now: all.clock.now() }
    const memory = emptyMemory
    advisor.recordingFrom(() => ({ actions: [{ type: 'scale', fleet: 'overworld', servers: 9, why: 'a crowd' }], memory }))({ ...input, memory })
    expect(await advisor.wantedServers('overworld', signal)).toBe(9)
    advisor.recordingFrom(() => ({ actions: [], memory }))({ ...input, memory })
    expect(await advisor.wantedServers('overworld', signal)).toBe(7)
    all.clock.advance(3_000)
    expect(await advisor.wantedServers('overworld', signal)).toBe(4)
  })
})
