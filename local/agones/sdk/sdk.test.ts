import agones from '@google-cloud/agones-sdk'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HealthPings, PINGS_PER_STREAM } from '../../../gameserver/agones/healthPings.ts'
import type { Sdk as RuntimeSdk } from '../../../gameserver/agones/sdk.ts'
import { VirtualClock } from '../../../model/clock.ts'
import { parseFleetManifests } from '../../../orchestrator/cluster/fleetManifest.ts'
import { createLogger } from '../../../service/log.ts'
import { manifest } from '../fixture/host.ts'
import { GameServerRecord } from '../gameServerRecord.ts'
import { HealthWatch } from '../healthWatch.ts'
import { SdkGrpc } from './sdkGrpc.ts'
import { SdkRest } from './sdkRest.ts'
import { SdkService } from './sdkService.ts'

/** Counter functions, which the declarations of the SDK package omit. */
interface Beta {
  getCounterCount(name: string): Promise<number>
  getCounterCapacity(name: string): Promise<number>
  incrementCounter(name: string, by: number): Promise<void>
  decrementCounter(name: string, by: number): Promise<void>
  setCounterCount(name: string, count: number): Promise<void>
  setCounterCapacity(name: string, capacity: number): Promise<void>
}
type Sdk = InstanceType<typeof agones.default> & { beta: Beta }
const AgonesSDK = agones as unknown as new () => Sdk

const clock = new VirtualClock(1_700_000_000_000)
let record: GameServerRecord
let health: HealthWatch
let grpc: SdkGrpc
let rest: SdkRest
let sdk: Sdk

beforeEach(async () => {
  const [fleet] = parseFleetManifests(manifest(1, ''), 'test.yaml')
  if (fleet === undefined) throw new Error('no fleet')
  record = new GameServerRecord({ name: 'overworld-a-b', uid: 'u-1', created: clock.now(), host: '127.0.0.1', port: 7777, manifest: fleet })
  health = new HealthWatch(fleet.health, clock.now())
  const service = new SdkService(record, health, clock)
  grpc = await SdkGrpc.start(service)
  rest = await SdkRest.start(service)
  process.env['AGONES_SDK_GRPC_PORT'] = String(grpc.port)
  sdk = new AgonesSDK()
  await sdk.connect()
})
afterEach(async () => {
  sdk.close()
  await grpc[Symbol.asyncDispose]()
  await rest[Symbol.asyncDispose]()
})

const ask = async (method: string, path: string, body?: unknown) => {
  const response = await fetch(`http://127.0.0.1:${rest.port}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('the SDK over gRPC, called by the SDK package', () => {
  it('changes the state of the game server as called', async () => {
    for (const [call, state] of [
      ['ready', 'Ready'],
      ['allocate', 'Allocated'],
      ['ready', 'Ready'],
      ['shutdown', 'Shutdown'],
      ['ready', 'Shutdown'],
    ] as const) {
      await sdk[call]()
      expect(record.state).toBe(state)
    }
  })

  it('X1: health pings all arrive, over a new stream before the client has kept many of them', async () => {
    const arrived = vi.spyOn(health, 'ping')
    const atRunTime = sdk as unknown as RuntimeSdk
    const pings = new HealthPings(atRunTime, createLogger('test', 'silent'))
    const streams = new Set<unknown>()
    for (let n = 0; n < 2 * PINGS_PER_STREAM + 1; n++) {
      pings.ping()
      streams.add(atRunTime.healthStream)
      if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await vi.waitUntil(() => arrived.mock.calls.length === 2 * PINGS_PER_STREAM + 1, 20_000)
    streams.delete(undefined)
    expect(streams.size).toBe(3)
  })

  it('returns name, address, fleet and counters of the server', async () => {
    const { objectMeta, status } = await sdk.getGameServer()
    expect(objectMeta).toMatchObject({ name: 'overworld-a-b', uid: 'u-1' })
    expect(objectMeta.labelsMap).toContainEqual(['agones.dev/fleet', 'overworld'])
    expect(status).toMatchObject({
      state: 'Creating',
      address: '127.0.0.1',
      portsList: [{ name: 'ws', port: 7777 }],
      countersMap: [['rooms', { count: 0, capacity: 2 }]],
    })
  })

  it('sends a watcher the current state and each change, including the drain annotation', async () => {
    const seen: [string, boolean][] = []
    const drained = new Promise<void>((resolve) => {
      sdk.watchGameServer(
        ({ status, objectMeta }) => {
          const marked = objectMeta.annotationsMap.some(([key, value]) => key === 'strata.dev/drain' && value === 'update')
          seen.push([status.state, marked])
          if (marked) resolve()
        },
        () => {},
      )
    })
    await sdk.ready()
    record.to('Allocated', clock.now())
    record.markOverflow()
    await drained
    expect(seen.at(-1)).toEqual(['Allocated', true])
    expect(seen.map(([state]) => state)).toContain('Allocated')
  })

  it('sets labels and annotations under the SDK prefix only', async () => {
    await sdk.setLabel('colour', 'green')
    await sdk.setAnnotation('note', 'any text at all: {}')
    expect(record.view().labels['agones.dev/sdk-colour']).toBe('green')
    expect(record.view().annotations['agones.dev/sdk-note']).toBe('any text at all: {}')
    await expect(sdk.setLabel('colour', 'two words')).rejects.toMatchObject({ code: 3 })
  })

  it('keeps counters within [0, capacity] and refuses other values with the error text of Agones', async () => {
    await sdk.beta.incrementCounter('rooms', 2)
    expect(await sdk.beta.getCounterCount('rooms')).toBe(2)
    await expect(sdk.beta.incrementCounter('rooms', 1)).rejects.toMatchObject({ code: 2, details: expect.stringContaining('out of range') })
    await sdk.beta.setCounterCapacity('rooms', 1)
    expect(await sdk.beta.getCounterCount('rooms')).toBe(1)
    await sdk.beta.setCounterCount('rooms', 0)
    await expect(sdk.beta.decrementCounter('rooms', 1)).rejects.toMatchObject({ code: 2 })
    await expect(sdk.beta.getCounterCapacity('players')).rejects.toMatchObject({ details: expect.stringContaining('not found') })
  })

  it('accepts health pings', async () => {
    clock.advance(1_400)
    sdk.health(() => {})
    const deadline = Date.now() + 2_000
    clock.advance(200)
    while (!health.healthy(clock.now()) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(health.healthy(clock.now())).toBe(true)
    clock.advance(600)
    expect(health.healthy(clock.now())).toBe(false)
  })
})

describe('the SDK over REST', () => {
  it('answers like gRPC, with 64-bit numbers as strings', async () => {
    expect(await ask('POST', '/ready', {})).toEqual({ status: 200, body: {} })
    expect(record.state).toBe('Ready')
    expect(await ask('PATCH', '/v1beta1/counters/rooms', { countDiff: '1' })).toEqual({ status: 200, body: { name: 'rooms', count: '1', capacity: '2' } })
    const { body } = await ask('GET', '/gameserver')
    expect(body).toMatchObject({
      object_meta: { name: 'overworld-a-b' },
      status: { state: 'Ready', ports: [{ name: 'ws', port: 7777 }], counters: { rooms: { count: '1', capacity: '2' } } },
    })
  })

  it('streams changes, one object per line', async () => {
    const response = await fetch(`http://127.0.0.1:${rest.port}/watch/gameserver`)
    const lines = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect(JSON.parse((await lines?.read())?.value ?? '')).toMatchObject({ result: { status: { state: 'Creating' } } })
    record.to('Ready', clock.now())
    expect(JSON.parse((await lines?.read())?.value ?? '')).toMatchObject({ result: { status: { state: 'Ready' } } })
    await lines?.cancel()
  })

  it('X1: a malformed, out-of-range or unknown request is refused and changes nothing', async () => {
    expect((await ask('POST', '/ready')).status).toBe(400)
    expect((await ask('PUT', '/metadata/label', { key: 1 })).status).toBe(400)
    expect((await ask('PATCH', '/v1beta1/counters/rooms', { countDiff: 'x' })).status).toBe(400)
    expect(await ask('PATCH', '/v1beta1/counters/rooms', { count: '3' })).toMatchObject({ status: 500, body: { code: 2 } })
    expect((await ask('GET', '/nothing')).status).toBe(404)
    expect(record.view()).toMatchObject({ state: 'Creating', resourceVersion: 1 })
  })
})
