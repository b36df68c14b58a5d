import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { connectRoom } from './room/roomLink.ts'

it.each([
  ['a server of an earlier release', 'application/json', JSON.stringify({ error: { code: 'TOO_MANY_REQUESTS', message: 'You sent too many requests.' } })],
  ['a proxy', 'text/html', '<h1>Too Many Requests</h1>'],
])('a join that %s refuses with status 429 is refused as TOO_MANY_REQUESTS, in words', async (_, type, body) => {
  await using http = createServer((_request, response) => void response.writeHead(429, { 'content-type': type }).end(body))
  await once(http.listen(0, '127.0.0.1'), 'listening')
  const { port } = http.address() as AddressInfo // it listens on TCP
  const refused = connectRoom({ address: `ws://127.0.0.1:${port}`, copy: 'c', ticket: 't' })
  await expect(refused).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS', message: 'too many joins; wait a second', retryable: true })
})
