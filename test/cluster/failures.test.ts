import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Crowd } from './world/crowd.ts'
import { kubectl } from './world/kubectl.ts'
import { until } from './world/until.ts'
import { fullest, mayInjectFaults, pidOf, stopApiServer, WorldUnderTest } from './world/worldUnderTest.ts'

const MINUTE = 60_000

describe.skipIf(!mayInjectFaults)('failures while players are online', () => {
  let world: WorldUnderTest
  beforeAll(async () => {
    world = await WorldUnderTest.start()
    await world.untilSettled()
  }, 9 * MINUTE)
  afterAll(() => world?.[Symbol.asyncDispose](), 4 * MINUTE)

  const liveCopies = async (map: string): Promise<number> =>
    (await world.status()).copies.filter((copy) => copy.map === map && (copy.state === 'open' || copy.state === 'opening')).length

  it(
    'D2: after a game server is killed, its players are back in the world within 10 s',
    async () => {
      await using crowd = await Crowd.entered(world.matchmaker, 'Miner', 50, 'forest')
      const { server, players } = fullest(crowd.copies, await world.status())
      const pod = (await world.pods()).find(({ metadata }) => metadata?.name === server)
      if (pod === undefined) throw new Error(`no pod ${server}`)
      process.kill(pidOf(pod), 'SIGKILL')
      await until('all players back', () => crowd.stats.reconnected >= players && crowd.online === 50, MINUTE)
      await until('the server is replaced', async () => (await world.servers()).every(({ metadata }) => metadata.name !== server), MINUTE)
      await world.untilSettled()
      const seen = crowd.stats.report()
      expect(seen['reconnected']).toBe(players)
      expect(seen['downMaxMs'], JSON.stringify(seen)).toBeLessThan(10_000)
    },
    4 * MINUTE,
  )

  it(
    'D3: after the leader is killed while it opens copies, another leads within 15 s and no copy is opened twice',
    async () => {
      await using crowd = await Crowd.entered(world.matchmaker, 'Smith', 20, 'town')
      const leader = await world.leader()
      if (leader === undefined) throw new Error('nobody leads')
      await kubectl('patch', 'mp', 'hills', '--type=merge', '-p', JSON.stringify({ spec: { copies: { min: 6 } } }))
      await until('it begins to open', async () => (await liveCopies('hills')) > 1, MINUTE, 20)
      process.kill(leader.pid, 'SIGKILL')
      let most = 0
      const tookMs = await until(
        'another leads',
        async () => {
          most = Math.max(most, await liveCopies('hills'))
          const now = await world.leader()
          return now !== undefined && now.pid !== leader.pid
        },
        MINUTE,
      )
      await until(
        'six copies',
        async () => {
          const now = await liveCopies('hills')
          most = Math.max(most, now)
          return now === 6
        },
        MINUTE,
      )
      for (const end = Date.now() + 3_000; Date.now() < end; await sleep(250)) most = Math.max(most, await liveCopies('hills'))
      expect(most).toBe(6)
      expect(tookMs).toBeLessThan(15_000)
      expect(crowd.online).toBe(20)
      expect(crowd.stats.kicked).toBe(0)
    },
    4 * MINUTE,
  )

  it(
    'an API server outage of 30 s disconnects no player, and a policy change afterwards takes effect',
    async () => {
      await using crowd = await Crowd.entered(world.matchmaker, 'Sailor', 40, 'forest')
      let fewest = 40
      const watching = setInterval(() => {
        fewest = Math.min(fewest, crowd.online)
      }, 100)
      await stopApiServer(30_000)
      clearInterval(watching)
      expect(fewest).toBe(40)
      await kubectl('patch', 'mp', 'marsh', '--type=merge', '-p', JSON.stringify({ spec: { copies: { min: 3 } } }))
      await until('three copies', async () => (await liveCopies('marsh')) === 3, MINUTE)
      await world.untilSettled()
      expect(crowd.online).toBe(40)
      expect(crowd.stats.kicked).toBe(0)
    },
    4 * MINUTE,
  )
})
