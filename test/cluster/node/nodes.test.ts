import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Crowd } from '../world/crowd.ts'
import { kubectl } from '../world/kubectl.ts'
import { list } from '../world/read.ts'
import { isReady } from '../world/serviceProxy.ts'
import { until } from '../world/until.ts'
import { fullest } from '../world/worldUnderTest.ts'
import { containerOf, evict, NodeWorld, nodeAction, runIn } from './nodeWorld.ts'

const MINUTE = 60_000
/** Fewer players than 100 for a machine that is busy with other work. */
const PLAYERS = Number(process.env['STRATA_NODE_PLAYERS'] ?? 100)
/** Longest time that a player may be out of the world when a game server dies. */
const BACK_WITHIN_MS = 10_000
/** How long no player may be disturbed, so that a late effect of an action is seen. */
const WATCH_MS = 15_000

describe('pods as containers on two nodes', () => {
  let world: NodeWorld
  let crowd: Crowd
  beforeAll(async () => {
    world = await NodeWorld.start()
  }, 20 * MINUTE)
  afterAll(async () => {
    await crowd?.[Symbol.asyncDispose]()
    await world?.[Symbol.asyncDispose]()
  }, 5 * MINUTE)

  it('every process runs as the manifests say: user, read-only root, memory limit, Secrets as files, its own network', async () => {
    // Copies may be open before the first probe of their server's readiness.
    await until('a game server is ready', async () => (await world.pods()).some(isReady), MINUTE)
    const server = (await world.pods()).find(isReady)
    const name = server?.metadata?.name ?? ''
    const code = `
      const fs = await import('node:fs')
      const status = fs.readFileSync('/proc/1/status', 'utf8')
      const limit = '/sys/fs/cgroup/memory/memory.limit_in_bytes'
      const seen = { uid: process.getuid(), capabilities: /CapEff:\\s*(\\S+)/.exec(status)[1], limit: Number(fs.readFileSync(limit, 'utf8')), keys: fs.readdirSync('/keys').filter((file) => file.endsWith('.pem')) }
      try { fs.writeFileSync('/strata/written', '') } catch (error) { seen.root = error.code }
      console.log(JSON.stringify(seen))`
    const seen: unknown = JSON.parse(await runIn(name, code))
    expect(seen).toEqual({ uid: 65532, capabilities: '0000000000000000', limit: 512 * 1024 ** 2, keys: ['ticket.public.pem'], root: 'EROFS' })
    expect(server?.status?.podIP).toMatch(/^10\.244\./)
    for (const kind of ['strata-matchmaker', 'strata-orchestrator', 'postgres', 'redis']) {
      const pods = await list<V1Pod>('pod', `app.kubernetes.io/name=${kind}`)
      expect(pods.length, kind).toBeGreaterThan(0)
    }
  })

  it(
    `${PLAYERS} players enter through published host ports`,
    async () => {
      crowd = new Crowd(world.matchmaker, 'Guest', PLAYERS, 'forest')
      await until('all players in the world', () => crowd.online === PLAYERS, 5 * MINUTE)
      const addresses = new Set((await world.servers()).map(({ status }) => status.address))
      expect([...addresses].every((address) => address?.startsWith('10.99.0.'))).toBe(true)
      expect(crowd.stats.kicked).toBe(0)
    },
    6 * MINUTE,
  )

  async function playersOn(node: string): Promise<number> {
    const here = new Set((await world.pods()).filter(({ spec }) => spec?.nodeName === node).map(({ metadata }) => metadata?.name))
    const { copies } = await world.status()
    return copies.filter(({ server }) => here.has(server)).reduce((sum, { copy }) => sum + (crowd.copies.get(copy) ?? 0), 0)
  }

  /** What players have seen so far: lost connections, and how long each player who came back was out. */
  interface Noted {
    lost: number
    downs: number
  }
  const noted = (): Noted => ({ lost: crowd.stats.kicked, downs: crowd.stats.data().downs.length })

  /** All players are in, and nobody has lost a connection since `before`. */
  function expectUndisturbed(before: Noted): void {
    expect(crowd.online).toBe(PLAYERS)
    expect(noted(), JSON.stringify(crowd.stats.report())).toEqual(before)
  }

  /**
   * Waits until all players are in the world again after `players` of them lost their server, and audits. Nobody else was disturbed, and everybody came back. A client counts from
   * when it notices; `lostAt` counts from the loss itself, where no connection is closed.
   */
  async function untilBack(what: string, before: Noted, players: number, lostAt?: number): Promise<void> {
    const back = (): number[] => crowd.stats.data().downs.slice(before.downs)
    await until('all players back', () => (back().length >= players && crowd.online === PLAYERS) || crowd.stats.report(), 3 * MINUTE)
    const slowest = Math.round(lostAt === undefined ? Math.max(...back()) : performance.now() - lostAt)
    process.stderr.write(`cluster: ${what}: ${players} of ${PLAYERS} players lost their server; the slowest was back after ${slowest} ms\n`)
    const seen = JSON.stringify(crowd.stats.report())
    expect(slowest, seen).toBeLessThan(BACK_WITHIN_MS)
    expect(back().length, seen).toBe(players)
    expect(noted().lost - before.lost, seen).toBe(players)
    expect(await world.audit()).toEqual([])
  }

  it(
    'D2: after kill -9 in a game server’s container, its players are back in the world within 10 s, and nothing is lost',
    async () => {
      const { server, players } = fullest(crowd.copies, await world.status())
      const pod = await world.pod(server)
      const before = noted()
      process.kill(Number(await nodeAction('pid', { node: pod.spec?.nodeName ?? '', container: containerOf(pod) })), 'SIGKILL')
      await untilBack('kill -9', before, players)
      await until('the server is replaced', async () => (await world.servers()).every(({ metadata }) => metadata.name !== server), MINUTE)
      await world.untilSettled()
    },
    6 * MINUTE,
  )

  it(
    'D2: after the kernel kills a game server for its memory, its players are back within 10 s, and nothing is lost',
    async () => {
      const { server, players } = fullest(crowd.copies, await world.status())
      const pod = await world.pod(server)
      const before = noted()
      // The kernel ends the process with the highest score in the container's cgroup: the game server, because those that take its memory are small.
      const pid = await nodeAction('pid', { node: pod.spec?.nodeName ?? '', container: containerOf(pod) })
      writeFileSync(`/proc/${pid}/oom_score_adj`, '1000')
      const small = 'Buffer.alloc(2 ** 25, 1); setInterval(() => {}, 1_000)'
      const taking = runIn(
        server,
        `const { spawn } = await import('node:child_process'); setInterval(() => spawn(process.execPath, ['--eval', ${JSON.stringify(small)}]), 300)`,
      ).catch(() => '') // it ends with the container
      await until(
        'the container is killed for its memory',
        async () => {
          const status = (await world.pods()).find(({ metadata }) => metadata?.name === server)?.status
          return status === undefined || status.containerStatuses?.some(({ state }) => state?.terminated?.reason === 'OOMKilled') === true
        },
        2 * MINUTE,
        50,
      )
      await untilBack('out of memory', before, players)
      await taking
      await world.untilSettled()
    },
    6 * MINUTE,
  )

  it(
    'a kubelet that stops for a while disconnects nobody',
    async () => {
      const before = noted()
      await nodeAction('stop-kubelet', { node: 'node-b' })
      for (const end = Date.now() + WATCH_MS; Date.now() < end; await sleep(100)) expect(crowd.online).toBe(PLAYERS)
      await nodeAction('start-kubelet', { node: 'node-b' })
      await kubectl('wait', '--for=condition=Ready', 'node/node-b', '--timeout=110s')
      expectUndisturbed(before)
    },
    4 * MINUTE,
  )

  it(
    'a new image on the Fleet moves all players to new servers, removes the old ones and disconnects nobody',
    async () => {
      const [old, before] = [(await world.servers()).map(({ metadata }) => metadata.name), noted()]
      const image = '/spec/template/spec/template/spec/containers/0/image'
      await kubectl('patch', 'fleet', 'overworld', '--type=json', '-p', JSON.stringify([{ op: 'replace', path: image, value: 'strata:dev2' }]))
      await until(
        'the old servers are gone',
        async () => {
          const left = (await world.servers()).filter(({ metadata }) => old.includes(metadata.name))
          return left.length === 0 || left.map(({ metadata, status }) => [metadata.name, status.state])
        },
        8 * MINUTE,
        1_000,
      )
      for (const pod of await world.pods()) expect(pod.spec?.containers[0]?.image).toBe('strata:dev2')
      expectUndisturbed(before)
      expect(await world.audit()).toEqual([])
    },
    10 * MINUTE,
  )

  it(
    '`kubectl drain` moves every player off the servers of a node and disconnects nobody, with PostgreSQL and Redis wherever they are',
    async () => {
      const before = noted()
      const leaving = (await world.pods()).filter(({ spec }) => spec?.nodeName === 'node-b').map(({ metadata }) => metadata?.name ?? '')
      const drain = ['drain', 'node-b', '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=90s']
      await until('the node is drained', async () => (await kubectl(...drain)).includes('drained'), 9 * MINUTE, 1_000)
      for (const { metadata } of await world.pods()) expect(leaving).not.toContain(metadata?.name)
      await kubectl('uncordon', 'node-b')
      expectUndisturbed(before)
    },
    10 * MINUTE,
  )

  it(
    'D2: after a node is lost with its network, its players are back in the world within 10 s, and nothing is lost',
    async () => {
      // After the drain all pods are on node-a. Servers are evicted while only node-b takes pods, until players are there.
      await kubectl('cordon', 'node-a')
      while ((await playersOn('node-b')) === 0) {
        const { server } = fullest(crowd.copies, await world.status())
        await evict(server)
        await until('the evicted server is gone', async () => (await world.pods()).every(({ metadata }) => metadata?.name !== server), 8 * MINUTE, 1_000)
      }
      // Then spare servers move to node-a: without any, new ones would have to start first.
      await kubectl('cordon', 'node-b')
      await kubectl('uncordon', 'node-a')
      for (const { metadata, status } of await world.servers()) if (status.state === 'Ready' && status.nodeName === 'node-b') await evict(metadata.name)
      await until(
        'a spare server on node-a',
        async () => (await world.servers()).some(({ status }) => status.state === 'Ready' && status.nodeName === 'node-a'),
        MINUTE,
      )
      await kubectl('uncordon', 'node-b')
      await world.untilSettled()
      const players = await playersOn('node-b')
      const [before, lostAt] = [noted(), performance.now()]
      await nodeAction('lose', { node: 'node-b' })
      await untilBack('node loss', before, players, lostAt)
      // The suites after this one need two nodes.
      await nodeAction('restore', { node: 'node-b' })
      await kubectl('wait', '--for=condition=Ready', 'node/node-b', '--timeout=110s')
    },
    12 * MINUTE,
  )
})
