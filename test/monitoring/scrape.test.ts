import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allMetrics } from '../../checks/reference/metrics.ts'
import { freePort } from '../../local/agones/freePorts.ts'
import { startBots } from '../../local/bots.ts'
import { Child } from '../../local/child.ts'
import type { LocalWorld } from '../../local/world.ts'
import { startTestWorld, worldFolder } from '../localWorld.ts'
import { dashboardQueries } from './dashboards.ts'
import { findPrograms } from './programs.ts'
import { selectorsIn } from './promql.ts'
import { rules } from './rules.ts'
import { PrometheusServer, type Target } from './server.ts'

/** A slow machine needs long for what is eventual. */
const SOON = { timeout: 120_000, interval: 1_000 }
const programs = await findPrograms()
let folder: string
let world: LocalWorld
let prometheus: PrometheusServer
let playing: ReturnType<typeof startBots>
let second: { child: Child; url: string }

describe.skipIf(programs === undefined)('a Prometheus that scrapes every process of a small world', () => {
  beforeAll(async () => {
    const made = await worldFolder('monitoring')
    folder = made.folder
    const started = await startTestWorld(made, 8)
    world = started.world
    playing = startBots(started.options, world)
    second = secondMatchmaker(made.policies, await freePort('127.0.0.1'))
    prometheus = await PrometheusServer.start(programs?.prometheus ?? '', join(folder, 'prometheus'), targets())
  })
  afterAll(async () => {
    playing?.stop()
    await playing?.ended
    await second?.child[Symbol.asyncDispose]()
    await prometheus?.[Symbol.asyncDispose]()
    await world?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  /** With a social graph and webhooks of the studio, whose metrics exist only then. Nothing answers at their addresses. */
  function secondMatchmaker(policies: string, port: number): { child: Child; url: string } {
    const { postgres, redis } = world.services
    const env = {
      ...{ PORT: String(port), DATABASE_URL: postgres.socketUrl, REDIS_URL: redis.socketUrl, STRATA_KEYS: join(folder, 'keys'), STRATA_POLICIES: policies },
      ...{ SOCIAL_SOURCE: 'http', SOCIAL_SOURCE_URL: 'http://127.0.0.1:9/graph' },
      ...{ WEBHOOK_URL: 'http://127.0.0.1:9/hooks', WEBHOOK_SECRETS: `whsec_${Buffer.from('secret of the monitoring test').toString('base64')}` },
    }
    const log = pino({ level: 'silent' })
    const child = new Child({ name: 'matchmaker-2', command: ['matchmaker/main.ts'], root: '.', env, logFile: join(folder, 'log', 'matchmaker-2.log'), log })
    return { child, url: `http://127.0.0.1:${port}` }
  }

  function targets(): Target[] {
    const process = (url: string, pod: string): Target => ({ address: new URL(url).host, job: 'strata/strata', pod })
    return [
      process(world.orchestratorUrl, 'orchestrator'),
      process(world.matchmakerUrl, 'matchmaker'),
      process(second.url, 'matchmaker-2'),
      ...world.host.servers().map(({ id, probes }) => ({ address: probes, job: 'strata/strata-gameserver', pod: id })),
    ]
  }

  it('reaches every process', async () => {
    expect(world.host.servers().length).toBeGreaterThan(0)
    await expect.poll(() => prometheus.problems(), SOON).toEqual([])
  })

  it('every metric that a process serves is in the reference with its type and help, and every metric of the reference is served', async () => {
    const documented = await allMetrics()
    const own = (names: Iterable<string>): string[] => [...names].filter((name) => name.startsWith('strata_')).sort()
    await expect.poll(async () => own((await prometheus.metadata()).keys()), SOON).toEqual(own(documented.map(({ name }) => name)))
    const served = await prometheus.metadata()
    for (const { name, type, help } of documented) expect([name, served.get(name)]).toEqual([name, [expect.objectContaining({ type, help })]])
  })

  it('each metric comes from the processes that the reference names', async () => {
    for (const { name, type, processes } of await allMetrics()) {
      const series = type === 'histogram' ? `${name}_count` : name
      const services = [...new Set((await prometheus.query(series)).map(({ service }) => service))].sort()
      const named = processes.map((process) => process.replace(' ', ''))
      expect([name, services.filter((service) => !named.includes(service ?? ''))]).toEqual([name, []])
    }
  })

  it('every series that a rule or a dashboard names is there, with its label values', async () => {
    const missing = async (): Promise<string[]> => {
      const selectors = [...new Set([...rules.map(({ expr }) => expr), ...dashboardQueries()].flatMap(selectorsIn))]
      const found = await Promise.all(selectors.map(async (selector) => ((await prometheus.query(selector)).length > 0 ? [] : [selector])))
      return found.flat()
    }
    await expect.poll(missing, SOON).toEqual([])
  })

  it('every rule is evaluated without an error', async () => {
    const unhealthy = async (): Promise<unknown[]> => (await prometheus.rules()).filter(({ health }) => health !== 'ok')
    await expect.poll(unhealthy, SOON).toEqual([])
    expect(await prometheus.rules()).toHaveLength(rules.length)
  })
})
