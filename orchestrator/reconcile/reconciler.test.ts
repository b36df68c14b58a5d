import { beforeEach, describe, expect, it } from 'vitest'
import { type Copy, closingCopy } from '../../model/copy.ts'
import { StrataError } from '../../model/errors.ts'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
import { type Action, emptyMapMemory, emptyMemory } from '../plan/action.ts'
import { GIVE_BACK_AFTER_MS } from './apply/idleServers.ts'
import { OPENING_TIMEOUT_MS, Reconciler } from './reconciler.ts'
import { policy, World } from './testing/world.ts'

let world: World
beforeEach(async () => {
  world = await World.of(new MemoryFleets({ overworld: { replicas: 3, rooms: 4 } }), [policy('forest'), policy('hills')])
  await world.serversWork()
})

const open = (map: string): Action => ({ type: 'open', map, why: 'a crowd is coming' })
const allocated = () => [...world.fleets.servers.values()].filter(({ state }) => state === 'Allocated').map(({ id }) => id)

/** Closes and removes a copy, with a round after each step. */
async function close(copy: Copy & { state: 'open' }): Promise<void> {
  await world.directory.changeCopy(closingCopy(copy, { reason: 'empty', deadline: 0, successors: [] }, world.clock.now()), 'open')
  await world.round()
  await world.directory.removeCopy('forest', copy.id)
  await world.round()
}

describe('open', () => {
  it('P2: writes the copy as opening on an allocated server, and records the reason', async () => {
    await world.apply(open('forest'))
    const [copy] = await world.copies('forest')
    expect(copy).toMatchObject({ state: 'opening', server: allocated()[0], created: world.clock.now() })
    expect(world.decisions).toMatchObject([
      { kind: 'open', map: 'forest', copy: copy?.id, reason: 'a crowd is coming', policyVersion: 'forest-v1', inputs: { server: copy?.server } },
    ])
  })

  it('C5: the same plan applied twice does nothing the second time', async () => {
    // One room per server, so that a repeated opening would allocate another server.
    world = await World.of(new MemoryFleets({ overworld: { replicas: 6, rooms: 1 } }), [policy('forest'), policy('hills')])
    await world.apply(open('forest'), open('forest'), open('hills'))
    const before = { copies: await world.copies(), calls: [...world.fleets.calls] }
    expect(before.copies).toHaveLength(3)
    world.decided()
    await world.apply(open('forest'), open('forest'), open('hills'))
    // A second leader, without the memory of the first.
    world.reconciler = new Reconciler(world.parts)
    await world.apply(open('forest'), open('forest'), open('hills'))
    expect(await world.copies()).toEqual(before.copies)
    expect(world.fleets.calls).toEqual(before.calls)
    expect(world.decided()).toEqual([])
  })

  it('C5: a round sees the writes of the previous round before the census shows them', async () => {
    await world.apply(open('forest'))
    world.inputs = []
    // No refresh: the replica is behind.
    world.clock.advance(50)
    await world.reconciler.round(AbortSignal.timeout(1_000))
    expect([...(world.inputs[0]?.census.maps.get('forest')?.copies.keys() ?? [])]).toHaveLength(1)
  })

  it('fills a server before it allocates another, but spreads the copies of one map over two', async () => {
    await world.apply(open('forest'), open('hills'), open('forest'), open('hills'), open('forest'), open('hills'))
    expect(allocated()).toHaveLength(2)
    expect(new Set((await world.copies('forest')).map(({ server }) => server)).size).toBe(2)
  })

  it('does nothing while no server is ready, and opens as soon as one is', async () => {
    world = await World.of(new MemoryFleets({ overworld: { replicas: 0, rooms: 4 } }), [policy('forest')])
    await world.apply(open('forest'))
    expect(await world.copies()).toEqual([])
    expect(world.failures).toEqual([])
    await world.apply(open('forest'), { type: 'scale', fleet: 'overworld', servers: 1, why: 'one is needed' })
    world.clock.advance(100)
    await world.apply(open('forest'))
    expect(await world.copies()).toHaveLength(1)
  })

  it('a copy that does not open within the timeout is replaced by a copy on another server', async () => {
    world.planner = ({ census, now }) => ({
      actions: census.maps.get('forest')?.copies.size ? [] : [open('forest')],
      memory: { ...emptyMemory, maps: new Map([['forest', { ...emptyMapMemory, populations: [{ at: now, players: 0 }] }]]) },
    })
    await world.round()
    const [first] = await world.copies('forest')
    await world.round(OPENING_TIMEOUT_MS - 1)
    expect((await world.copies('forest'))[0]?.id).toBe(first?.id)
    world.decided()
    await world.round(1)
    const [second, ...more] = await world.copies('forest')
    expect(more).toEqual([])
    expect(second).toMatchObject({ state: 'opening' })
    expect(second?.id).not.toBe(first?.id)
    expect(second?.server).not.toBe(first?.server)
    expect(world.decided()).toEqual(['close', 'open'])
  })
})

describe('close, retarget, reopen', () => {
  it('P2: a closing copy has reason, successors and deadline; closing it twice changes nothing (C5)', async () => {
    const [a, b] = await world.forest(2)
    const close: Action = {
      type: 'close',
      map: 'forest',
      copy: a?.id ?? '',
      reason: 'merge',
      successors: [b?.id ?? ''],
      deadline: world.clock.now() + 900_000,
      why: 'sparse',
    }
    await world.apply(close)
    const [closing] = await world.copies('forest')
    expect(closing).toMatchObject({ state: 'closing', reason: 'merge', successors: [b?.id], deadline: close.deadline })
    expect(world.decisions).toMatchObject([{ kind: 'close', copy: a?.id, reason: 'sparse', policyVersion: 'forest-v1' }])
    world.clock.advance(10)
    await world.apply(close)
    expect((await world.copies('forest'))[0]).toEqual(closing)
    expect(world.decided()).toEqual(['close'])
  })

  it('a closing copy gets other successors, and reopens when the plan says so (C1)', async () => {
    const [a, b, c] = await world.forest(3)
    await world.apply({ type: 'close', map: 'forest', copy: a?.id ?? '', reason: 'merge', successors: [b?.id ?? ''], deadline: 1, why: 'sparse' })
    await world.apply({ type: 'retarget', map: 'forest', copy: a?.id ?? '', successors: [c?.id ?? ''], why: 'the first filled up' })
    expect((await world.copies('forest'))[0]).toMatchObject({ state: 'closing', successors: [c?.id] })
    await world.apply({ type: 'reopen', map: 'forest', copy: a?.id ?? '', why: 'refilled' })
    expect((await world.copies('forest'))[0]).toEqual({ ...a, since: world.clock.now() })
    await world.apply({ type: 'reopen', map: 'forest', copy: a?.id ?? '', why: 'refilled' })
    expect(world.decided()).toEqual(['close', 'close', 'reopen'])
  })
})

describe('lose', () => {
  it('D2: a lost copy is removed with its seats, its orders are settled, and its players can enter again', async () => {
    const [a, b] = await world.forest(2)
    if (a === undefined || b === undefined) throw new Error('no copies')
    await world.enter(a, ['ada', 'bob'])
    await world.apply({
      type: 'move',
      map: 'forest',
      from: a.id,
      to: b.id,
      characters: ['ada'],
      cause: 'merge',
      deadline: world.clock.now() + 60_000,
      why: 'merge',
    })
    world.decided()
    await world.apply({ type: 'lose', map: 'forest', copy: a.id, why: 'its server is gone' })
    expect((await world.copies('forest')).map(({ id }) => id)).toEqual([b.id])
    expect(await world.directory.presence(['ada', 'bob'])).toEqual(new Map())
    expect(await world.directory.movesFor(a.server)).toEqual([])
    expect(await world.seated(b)).toEqual([])
    expect(world.decisions).toMatchObject([{ kind: 'lost', copy: a.id, characters: ['ada', 'bob'], reason: 'its server is gone' }])
    await world.apply({ type: 'lose', map: 'forest', copy: a.id, why: 'its server is gone' })
    expect(world.decided()).toEqual(['lost'])
  })

  it('D2: a server that its fleet lists as Unhealthy is gone after two missed reports', async () => {
    const [a] = await world.forest(1)
    const server = world.fleets.servers.get(a?.server ?? '')
    if (server === undefined) throw new Error('no server')
    const known = () => world.inputs.at(-1)?.census.servers.has(server.id)
    await world.round(3_000)
    expect(known()).toBe(true)
    server.state = 'Unhealthy'
    await world.serversWork()
    await world.round(1_000)
    expect(known()).toBe(true)
    await world.round(2_000)
    expect(known()).toBe(false)
  })

  it('a server that its fleet no longer lists is gone after two missed reports', async () => {
    const [a] = await world.forest(1)
    const known = async () => (await world.directory.servers()).some(({ id }) => id === a?.server)
    world.fleets.kill(a?.server ?? '')
    await world.round(1_000)
    expect(world.inputs.at(-1)?.census.servers.has(a?.server ?? '')).toBe(true)
    await world.round(2_000)
    // The planner does not see the server any more, but its mailbox stays until the copy is lost.
    expect(world.inputs.at(-1)?.census.servers.has(a?.server ?? '')).toBe(false)
    expect(await known()).toBe(true)
    await world.apply({ type: 'lose', map: 'forest', copy: a?.id ?? '', why: 'gone' })
    expect(await known()).toBe(false)
  })
})

describe('servers', () => {
  it('C4: an allocated server without copies is given back after GIVE_BACK_AFTER_MS', async () => {
    const [a] = await world.forest(1)
    if (a === undefined) throw new Error('no copy')
    await close(a)
    await world.round(GIVE_BACK_AFTER_MS - 1)
    expect(allocated()).toEqual([a.server])
    await world.round(1)
    expect(allocated()).toEqual([])
    expect(world.fleets.calls.at(-1)).toBe(`giveBack ${a.server}`)
  })

  it('C4: a server that gets a copy before that is kept', async () => {
    const [a] = await world.forest(1)
    if (a === undefined) throw new Error('no copy')
    await close(a)
    await world.round(GIVE_BACK_AFTER_MS - 1)
    await world.apply(open('forest'))
    await world.round(GIVE_BACK_AFTER_MS)
    expect(allocated()).toEqual([a.server])
  })

  it('P2: scaling is recorded once per target, and never goes below the allocated servers', async () => {
    await world.apply(open('forest'), open('forest'), { type: 'scale', fleet: 'overworld', servers: 1, why: 'quiet' })
    expect(allocated()).toHaveLength(2)
    expect([...world.fleets.servers.values()].filter(({ overflow }) => overflow)).toEqual([])
    expect(world.fleets.calls.at(-1)).toBe('scale overworld 2')
    await world.apply({ type: 'scale', fleet: 'overworld', servers: 2, why: 'quiet' })
    expect(world.decisions.filter(({ kind }) => kind === 'scale')).toMatchObject([{ map: 'fleet:overworld', reason: 'quiet', inputs: { servers: 2 } }])
  })

  it('servers that are marked or report draining are in the input of the planner and get no copies', async () => {
    const [a] = await world.forest(1)
    await world.fleets.drain(a?.server ?? '', AbortSignal.timeout(100))
    await world.apply(open('hills'))
    expect(world.inputs.at(-1)?.draining).toEqual(new Set([a?.server]))
    expect((await world.copies('hills'))[0]?.server).not.toBe(a?.server)
  })
})

describe('failures', () => {
  it('of one map do not delay another map, and are tried again with back-off', async () => {
    const { addCopy } = world.directory
    let tries = 0
    world.directory.addCopy = (copy) => {
      if (copy.map !== 'forest') return addCopy.call(world.directory, copy)
      tries++
      return Promise.reject(new Error('broken'))
    }
    for (let second = 0; second < 20; second++) {
      world.clock.advance(1_000)
      await world.apply(open('forest'), ...(second === 0 ? [open('hills')] : []))
      await world.serversWork()
    }
    expect(await world.copies()).toMatchObject([{ map: 'hills' }])
    // Attempts after 0, 0.5, 1, 2, 4 and 8 s, then every 10 s.
    expect(tries).toBeGreaterThan(3)
    expect(tries).toBeLessThan(8)
  })

  it('of the fleets: moves and closings continue for 10 s with the last list of servers', async () => {
    const [a, b] = await world.forest(2)
    world.fleets.broken = new StrataError('DEPENDENCY_DOWN', { what: 'The fleet host' })
    world.clock.advance(1_000)
    await world.apply({ type: 'close', map: 'forest', copy: a?.id ?? '', reason: 'merge', successors: [b?.id ?? ''], deadline: 1, why: 'sparse' })
    expect((await world.copies('forest'))[0]?.state).toBe('closing')
    await expect(world.round(11_000)).rejects.toThrow('The fleet host')
    world.fleets.broken = undefined
    await world.round()
  })

  it('D1: while the servers restore an emptied directory, nothing is opened', async () => {
    const [a] = await world.forest(1)
    if (a === undefined) throw new Error('no copy')
    await world.directory.removeCopy('forest', a.id)
    world.planner = ({ census }) => ({
      actions: census.maps.get('forest')?.copies.size ? [] : [open('forest')],
      memory: world.inputs[0]?.memory ?? emptyMemory,
    })
    await world.round(1_000)
    await world.round(1_000)
    expect(await world.copies()).toEqual([])
    await world.directory.restoreCopy(a, [])
    await world.round(1_000)
    expect((await world.copies()).map(({ id }) => id)).toEqual([a.id])
    await world.directory.removeCopy('forest', a.id)
    await world.round(6_000)
    for (let second = 0; second < 6; second++) await world.round(1_000)
    expect(await world.copies()).toHaveLength(1)
  })

  it('the end of a term stops a round between two actions', async () => {
    const term = new AbortController()
    world.planner = ({ memory }) => {
      term.abort(new Error('the lead was lost'))
      return { actions: [open('forest')], memory }
    }
    await world.refresh()
    await expect(world.reconciler.round(term.signal)).rejects.toThrow('the lead was lost')
    expect(await world.copies()).toEqual([])
  })
})
