import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it, vi } from 'vitest'
import { connectAgones } from '../../gameserver/agones/agones.ts'
import { createLogger } from '../../service/log.ts'
import { freePort } from './harness/processes.ts'

const bin = process.env['AGONES_BIN']
const log = createLogger('test', 'silent')
/** The SDK calls that Strata's game server makes, from Agones' list. The SDK server exits with 1 when one is missing or another one is made. */
const expected = 'ready,allocate,shutdown,gameserver,watch,health,setlabel,setcountcounter'
const TIMEOUT_S = 8

afterEach(() => vi.unstubAllEnvs())

async function conformance(drive: (agones: Awaited<ReturnType<typeof connectAgones>>) => Promise<void>): Promise<number> {
  const [grpc, http, health] = [await freePort(), await freePort(), await freePort()]
  const ports = [`--grpc-port=${grpc}`, `--http-port=${http}`, `--health-port=${health}`, '--address=127.0.0.1']
  const flags = [`--test=${expected}`, `--timeout=${TIMEOUT_S}`, '--sdk-name=strata']
  const server = spawn(join(bin ?? '', 'sdk-server'), [...flags, ...ports], { stdio: 'ignore' })
  const ended = once(server, 'exit') as Promise<[number]>
  vi.stubEnv('AGONES_SDK_GRPC_PORT', String(grpc))
  using agones = await connectAgones({ log })
  await drive(agones)
  const [code] = await ended
  return code
}

it.skipIf(bin === undefined)("passes Agones' own SDK conformance test", async () => {
  const code = await conformance(async (agones) => {
    const watching = agones.onChange(() => undefined)
    await agones.ready()
    await agones.allocate()
    await agones.gameServer()
    agones.setCounter('rooms', 2)
    await agones.setLabel('creationTimestamp', await created())
    await sleep(2_000)
    watching()
    await agones.shutdown()
  })
  expect(code).toBe(0)
})

it.skipIf(bin === undefined)('fails the conformance test when a call is missing', async () => {
  expect(await conformance(async (agones) => agones.ready())).not.toBe(0)
})

/** The only label value that the conformance test accepts: the creation time of the (local) GameServer. */
async function created(): Promise<string> {
  const { AgonesSdk } = await import('../../gameserver/agones/sdk.ts')
  const sdk = new AgonesSdk()
  await sdk.connect()
  try {
    const { objectMeta } = (await sdk.getGameServer()) as { objectMeta: { creationTimestamp?: number } }
    return String(objectMeta.creationTimestamp)
  } finally {
    sdk.close()
  }
}
