import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FleetName, ServerId } from '../../model/ids.ts'
import type { Fleets, GameServer } from '../../orchestrator/cluster/fleets.ts'

/** A fleet with two replicas of two rooms, and test operations that the port does not have. */
export interface FleetsUnderTest extends AsyncDisposable {
  fleets: Fleets
  fleet: FleetName
  /** Kills the process of the server at once, without a shutdown. */
  kill(server: ServerId): Promise<void>
  /** How long processes or pods may take to reach an expected state, in ms. */
  patienceMs: number
}

const soon = () => AbortSignal.timeout(10_000)

/** Contract of every adapter of the Fleets port. */
export function fleetsContract(adapter: string, setUp: () => Promise<FleetsUnderTest>): void {
  describe(`Fleets on ${adapter}`, () => {
    let test: FleetsUnderTest
    beforeEach(async () => {
      test = await setUp()
    })
    afterEach(async () => {
      await test[Symbol.asyncDispose]()
    })

    /** Lists the servers, without those that shut down, until they satisfy the condition. */
    async function eventually(what: string, condition: (servers: GameServer[]) => boolean): Promise<GameServer[]> {
      const deadline = Date.now() + test.patienceMs
      for (;;) {
        const servers = (await test.fleets.list(soon())).filter(({ state }) => state !== 'Shutdown' && state !== 'Unhealthy')
        if (condition(servers)) return servers
        if (Date.now() > deadline) throw new Error(`Not reached within ${test.patienceMs} ms: ${what}. The servers are ${JSON.stringify(servers)}`)
        await sleep(20)
      }
    }
    const ready = (servers: GameServer[]) => servers.filter(({ state }) => state === 'Ready')
    const twoReady = () => eventually('two servers Ready', (servers) => ready(servers).length === 2 && servers.length === 2)
    async function allocate(): Promise<GameServer> {
      const server = await test.fleets.allocate(test.fleet, soon())
      if (server === undefined) throw new Error('No server is Ready.')
      return server
    }

    it('starts the replicas, and lists them with fleet, address and rooms', async () => {
      const servers = await twoReady()
      expect(new Set(servers.map(({ id }) => id)).size).toBe(2)
      expect(new Set(servers.map(({ address }) => address)).size).toBe(2)
      for (const server of servers) expect(server).toMatchObject({ fleet: test.fleet, address: expect.stringMatching(/^wss?:\/\//), overflow: false, rooms: 2 })
    })

    it('concurrent requests allocate each Ready server once, and get undefined when none is left', async () => {
      const servers = await twoReady()
      const got = await Promise.all(Array.from({ length: 5 }, () => test.fleets.allocate(test.fleet, soon())))
      const ids = got.flatMap((server) => (server === undefined ? [] : [server.id]))
      expect(ids.sort()).toEqual(servers.map(({ id }) => id).sort())
      for (const server of got) if (server !== undefined) expect(server.state).toBe('Allocated')
      await eventually('both Allocated', (now) => now.every(({ state }) => state === 'Allocated'))
    })

    it('C4: a server that is given back is Ready again; a repetition, or an unknown server, has no effect', async () => {
      await twoReady()
      const { id } = await allocate()
      await test.fleets.giveBack(id, soon())
      await test.fleets.giveBack(id, soon())
      await test.fleets.giveBack('not-there', soon())
      expect((await twoReady()).map((server) => server.id)).toContain(id)
    })

    it('scales up, and scales down by servers that are not allocated', async () => {
      await twoReady()
      const { id } = await allocate()
      await test.fleets.scale(test.fleet, 3, soon())
      await eventually('two Ready besides the allocated one', (servers) => ready(servers).length === 2 && servers.length === 3)
      await test.fleets.scale(test.fleet, 1, soon())
      const left = await eventually('one left', (servers) => servers.length === 1)
      expect(left).toMatchObject([{ id, state: 'Allocated', overflow: false }])
    })

    it('a scale-down below the allocated servers ends none of them, and marks the surplus as overflow', async () => {
      await twoReady()
      await allocate()
      await allocate()
      await test.fleets.scale(test.fleet, 1, soon())
      await eventually('one marked', (servers) => servers.length === 2 && servers.filter(({ overflow }) => overflow).length === 1)
      await test.fleets.scale(test.fleet, 1, soon())
      expect((await test.fleets.list(soon())).filter(({ overflow }) => overflow)).toHaveLength(1)
    })

    it('a drained server stays until it is given back; then it ends and is replaced', async () => {
      await twoReady()
      const { id } = await allocate()
      await test.fleets.drain(id, soon())
      await eventually('marked', (servers) => servers.some((server) => server.id === id && server.overflow && server.state === 'Allocated'))
      await test.fleets.giveBack(id, soon())
      const servers = await twoReady()
      expect(servers.map((server) => server.id)).not.toContain(id)
    })

    it('a killed server disappears and is replaced', async () => {
      await twoReady()
      const { id } = await allocate()
      await test.kill(id)
      await eventually('gone and replaced', (servers) => ready(servers).length === 2 && servers.every((server) => server.id !== id))
    })

    it('an unknown fleet has no server to allocate, and cannot be scaled', async () => {
      expect(await test.fleets.allocate('not-there', soon())).toBeUndefined()
      await expect(test.fleets.scale('not-there', 1, soon())).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(test.fleets.drain('not-there', soon())).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })

    it('C4: a server that was allocated for an aborted call is listed, and can be given back', async () => {
      await twoReady()
      const caller = new AbortController()
      const result = test.fleets.allocate(test.fleet, caller.signal)
      caller.abort(new Error('gave up'))
      await expect(result).rejects.toThrow('gave up')
      // Waits for a request that was in flight.
      await sleep(500)
      for (const { id, state } of await test.fleets.list(soon())) if (state === 'Allocated') await test.fleets.giveBack(id, soon())
      await twoReady()
    })
  })
}
