import { afterAll, expect } from 'vitest'
import type { Copy } from '../../../model/copy.ts'
import type { MapName } from '../../../model/ids.ts'
import { control } from '../../../model/wire/room.ts'
import { type Served, Servers } from './servers.ts'

/** Servers for all tests of the file that calls this. They are stopped after the last test. */
export async function serversOfFile(): Promise<Servers> {
  const servers = await Servers.start()
  afterAll(() => servers[Symbol.asyncDispose]())
  return servers
}

interface OneServer {
  servers: Servers
  server: Served
  copy: Copy & { state: 'open' }
}

/** The same with one server, which hosts one copy of this map. */
export async function oneServerOfFile(map: MapName, env: Record<string, string> = {}): Promise<OneServer> {
  const servers = await serversOfFile()
  const server = await servers.server(env)
  return { servers, server, copy: await servers.open(map, `${map}-1`, server) }
}

/** The same for the town, with a player there. `unaffected` checks that this player is still connected and gets an answer within a second. */
export async function townWithWitness(env: Record<string, string> = {}) {
  const { servers, server, copy: town } = await oneServerOfFile('town', env)
  const witness = await servers.enter(await servers.holder('Witness'), town)
  let seq = 0
  const unaffected = async (): Promise<void> => {
    const began = performance.now()
    witness.messages.length = 0
    witness.room.send(control.input, { seq: ++seq, data: { dx: 0, dy: 0 } })
    expect(await witness.message(control.ack)).toEqual({ lastInput: seq })
    expect(performance.now() - began).toBeLessThan(1_000)
    expect(witness.closed).toBeUndefined()
  }
  return { servers, server, town, witness, unaffected }
}
