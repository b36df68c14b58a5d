import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { parseFleetManifests } from '../../orchestrator/cluster/fleetManifest.ts'
import { until } from '../../orchestrator/testing/until.ts'
import { fixtureHost, manifest } from './fixture/host.ts'
import type { LocalFleetHost } from './localFleetHost.ts'

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

it('a server that sends no health pings becomes Unhealthy, is stopped and is replaced', async () => {
  await using fixture = await fixtureHost(1, 'silent')
  await until(() => fixture.host.servers().some(({ state }) => state === 'Ready'), 10_000)
  const first = fixture.host.servers()[0]
  await until(() => !alive(first?.pid ?? -1) && fixture.host.servers().every(({ id }) => id !== first?.id), 10_000)
  await until(() => fixture.host.servers().length === 1, 10_000)
})

it('a server that fails at once is restarted with growing pauses', async () => {
  await using fixture = await fixtureHost(1, 'crash')
  const seen = new Set<string>()
  const deadline = Date.now() + 2_500
  while (Date.now() < deadline) {
    for (const { id } of fixture.host.servers()) seen.add(id)
    await sleep(10)
  }
  // Pauses of 250, 500, 1000 and 2000 ms. Without them about twenty servers would have been started.
  expect(seen.size).toBeGreaterThan(1)
  expect(seen.size).toBeLessThan(6)
})

it('a host that ends stops all its servers, also one that ignores SIGTERM, and each server has a log', async () => {
  const fixture = await fixtureHost(2, 'stubborn')
  await until(() => fixture.host.servers().filter(({ state }) => state === 'Ready').length === 2, 10_000)
  const servers = fixture.host.servers()
  expect(await readFile(servers[0]?.log ?? '', 'utf8')).toBeDefined()
  await fixture[Symbol.asyncDispose]()
  expect(servers.map(({ pid }) => alive(pid))).toEqual([false, false])
})

it('servers end when their supervisor is killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'strata-orphans-'))
  await writeFile(join(folder, 'overworld.fleet.yaml'), manifest(2, ''))
  const supervisor = spawn(process.execPath, [join(import.meta.dirname, 'fixture/supervisor.ts'), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(supervisor.stdout, 'data')) as [Buffer]
  const pids = JSON.parse(line.toString()) as number[]
  expect(pids.map(alive)).toEqual([true, true])
  supervisor.kill('SIGKILL')
  await until(() => !pids.some(alive), 8_000)
  await rm(folder, { recursive: true, force: true })
})

it('a request without the token of this host is refused', async () => {
  await using fixture = await fixtureHost(0)
  for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
    const response = await fetch(`${fixture.host.url}/v1/servers`, { headers })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: { code: 'OPERATOR_TOKEN' } })
  }
})

it('X1: a broken manifest is refused with the line and column of the mistake', () => {
  expect(() => parseFleetManifests('apiVersion: agones.dev/v1\nkind: Fleet\nmetadata: {name: a\n', 'a.fleet.yaml')).toThrow(/a\.fleet\.yaml:\d+:\d+/)
  expect(() => parseFleetManifests('apiVersion: agones.dev/v1\nkind: Fleet\nmetadata: {name: a}\nspec: {replicas: many}\n', 'a.fleet.yaml')).toThrow(
    'spec.replicas',
  )
  const [fleet] = parseFleetManifests(manifest(3, 'x'), 'a.fleet.yaml')
  expect(fleet).toMatchObject({ name: 'overworld', replicas: 3, portName: 'ws', counters: { rooms: { count: 0, capacity: 2 } }, terminationGraceMs: 1_000 })
  expect(() => parseFleetManifests(manifest(1, '').replace('strata.dev/local-command', 'other'), 'a.fleet.yaml')).toThrow('strata.dev/local-command')
})

it('servers with new code take the place of the others, which are drained when they are allocated', async () => {
  await using fixture = await fixtureHost(2)
  const [first, second] = await until2Ready(fixture.host)
  await fixture.fleets.allocate('overworld', AbortSignal.timeout(5_000))
  const [renewed] = await fixture.host.renew()
  await until(() => fixture.host.servers().filter(({ state }) => state === 'Ready').length === 2, 10_000)
  const ids = fixture.host.servers().map(({ id, state }) => `${id} ${state}`)
  expect(ids).toContain(`${first} Allocated`)
  expect(ids).toContain(`${renewed} Ready`)
  expect(ids.join()).not.toContain(second)
  expect((await fixture.fleets.list(AbortSignal.timeout(5_000))).filter(({ overflow }) => overflow).map(({ id }) => id)).toEqual([first])
})

it('new code that does not start is reported, with the log to read', async () => {
  await using fixture = await fixtureHost(1, 'crash')
  await expect(fixture.host.renew()).rejects.toThrow(/did not start: it ended. .*overworld-.*log says/)
})

async function until2Ready(host: LocalFleetHost): Promise<string[]> {
  await until(() => host.servers().filter(({ state }) => state === 'Ready').length === 2, 10_000)
  return host.servers().map(({ id }) => id)
}
