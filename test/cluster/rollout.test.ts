import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Crowd } from './world/crowd.ts'
import { kubectl } from './world/kubectl.ts'
import { until } from './world/until.ts'
import { fullest, mayInjectFaults, WorldUnderTest } from './world/worldUnderTest.ts'

const MINUTE = 60_000

describe.skipIf(!mayInjectFaults)('servers stop while players are on them', () => {
  let world: WorldUnderTest
  beforeAll(async () => {
    world = await WorldUnderTest.start()
    await world.untilSettled()
  }, 9 * MINUTE)
  afterAll(() => world?.[Symbol.asyncDispose](), 4 * MINUTE)

  const serversOf = async (copies: ReadonlyMap<string, number>): Promise<Set<string>> => {
    const { copies: hosted } = await world.status()
    return new Set(hosted.filter(({ copy }) => (copies.get(copy) ?? 0) > 0).map(({ server }) => server))
  }

  it(
    'a node drain moves every player off its servers and disconnects nobody',
    async () => {
      await using crowd = await Crowd.entered(world.matchmaker, 'Miner', 50, 'forest')
      const { server } = fullest(crowd.copies, await world.status())
      const node = (await world.pods()).find(({ metadata }) => metadata?.name === server)?.spec?.nodeName ?? ''
      const leaving = (await world.pods()).filter(({ spec }) => spec?.nodeName === node).map(({ metadata }) => metadata?.name ?? '')
      await kubectl('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=150s')
      await kubectl('uncordon', node)
      const now = await serversOf(crowd.copies)
      for (const gone of leaving) expect(now).not.toContain(gone)
      expect(crowd.online).toBe(50)
      expect(crowd.stats.kicked).toBe(0)
      expect(crowd.stats.moved).toBeGreaterThan(0)
    },
    5 * MINUTE,
  )

  it(
    'a template change with 100 players online moves all to new servers, removes the old ones and disconnects nobody',
    async () => {
      await using crowd = await Crowd.entered(world.matchmaker, 'Guest', 100, 'forest')
      const old = (await world.servers()).map(({ metadata }) => metadata.name)
      const template = { spec: { template: { metadata: { annotations: { 'strata.dev/release': 'next' } } } } }
      await kubectl('patch', 'fleet', 'overworld', '--type=merge', '-p', JSON.stringify({ spec: { template } }))
      await until(
        'the old servers are gone',
        async () => {
          const left = (await world.servers()).filter(({ metadata }) => old.includes(metadata.name))
          return left.length === 0 ? true : left.map(({ metadata, status }) => [metadata.name, status.state])
        },
        4 * MINUTE,
        1_000,
      )
      for (const server of await serversOf(crowd.copies)) expect(old).not.toContain(server)
      expect(crowd.online).toBe(100)
      expect(crowd.stats.kicked).toBe(0)
      expect(crowd.stats.moved).toBeGreaterThanOrEqual(100)
    },
    7 * MINUTE,
  )
})
