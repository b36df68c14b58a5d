import { generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import { MemoryDirectory } from '../../directory/memory.ts'
import { VirtualClock } from '../../model/clock.ts'
import { createLogger } from '../../service/log.ts'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
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
    clock,
    newId: () => 'id',
    plan,
    log: createLogger('test', 'silent'),
    observer: { planned() {}, applied() {}, failed() {}, moveOrdered() {} },
  }
}
const signal = new AbortController().signal

describe('FleetAdvisor', () => {
  it('a replica that does not lead says what the plan would, and changes nothing', async () => {
    const all = await parts()
    const advisor = new FleetAdvisor(all)
    // Five copies, two a server, and one server ready.
    expect(await advisor.wanted('overworld', signal)).toBe(4)
    expect(await advisor.wanted('not-there', signal)).toBeUndefined()
    expect(await all.directory.maps()).toEqual([])
    expect((await all.fleets.list(signal)).map(({ state }) => state)).toEqual(['Ready'])
  })

  it('the leader answers from the plan of its last round, and plans anew when that is old', async () => {
    const all = await parts()
    const advisor = new FleetAdvisor(all)
    const fleets = new Map([['overworld', { ready: 3, allocated: 4, starting: 0, roomsPerServer: 2 }]])
    const input = { census: all.census(), policies: all.policies(), fleets, draining: new Set<string>(), moving: new Set<string>(), now: all.clock.now() }
    const memory = { populations: new Map(), lastMoved: new Map(), recentMoves: new Map() }
    advisor.listening(() => ({ actions: [{ type: 'scale', fleet: 'overworld', servers: 9, why: 'a crowd' }], memory }))({ ...input, memory })
    expect(await advisor.wanted('overworld', signal)).toBe(9)
    advisor.listening(() => ({ actions: [], memory }))({ ...input, memory })
    expect(await advisor.wanted('overworld', signal)).toBe(7)
    all.clock.advance(3_000)
    expect(await advisor.wanted('overworld', signal)).toBe(4)
  })
})
