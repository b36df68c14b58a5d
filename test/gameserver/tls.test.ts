import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { selfSigned } from '../openssl.ts'
import { Servers } from './harness/servers.ts'

let servers: Servers
const folder = selfSigned()

beforeAll(async () => {
  servers = await Servers.start()
})
afterAll(async () => {
  await servers[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

it('S5: players connect to a server with a certificate over wss, at the address from its template', async () => {
  const server = await servers.server({ TLS_FOLDER: folder, PUBLIC_SCHEME: 'wss', PUBLIC_ADDRESS: '{node}:{port}', NODE_NAME: 'localhost' })
  const copy = await servers.open('hills', 'hills-1', server)
  expect(copy.address).toBe(server.address.replace('ws://127.0.0.1', 'wss://localhost'))
  // The matchmaking routes are served with the same certificate and answer with an error of the catalogue.
  const asked = request(`${copy.address.replace('wss', 'https')}/matchmake/joinById/hills-1`, {
    method: 'POST',
    ca: await readFile(join(folder, 'tls.crt')),
    headers: { 'content-type': 'application/json', 'content-length': 2 },
    family: 4,
  }).end('{}')
  const [answer] = (await once(asked, 'response')) as [import('node:http').IncomingMessage]
  expect(answer.statusCode).toBeGreaterThanOrEqual(400)
  expect(Buffer.concat(await answer.toArray()).toString()).toContain('BAD_REQUEST')
  // The SDK has no option for a certificate authority, so verification is off for this one connection.
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  try {
    const player = await servers.enter(await servers.holder('Ann'), copy)
    await player.room.leave()
  } finally {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  }
}, 30_000)
