import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { queryObjects } from 'node:v8'
import { expect, it } from 'vitest'
import { LocalFleets } from './localFleets.ts'

/** A fleet host without servers; `silent` answers nothing. */
async function host(silent = false): Promise<{ fleets: LocalFleets } & AsyncDisposable> {
  const server = createServer((_request, response) => {
    if (!silent) response.end(JSON.stringify({ servers: [] }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a server on TCP
  return {
    fleets: new LocalFleets(`http://127.0.0.1:${port}`, 'token'),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

it('X1: a host that does not answer by the deadline is down; a call that the caller ends throws its reason', async () => {
  await using silent = await host(true)
  await expect(silent.fleets.list(AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'DEPENDENCY_DOWN' })
  const stopping = new AbortController()
  const call = silent.fleets.list(AbortSignal.any([stopping.signal, AbortSignal.timeout(5_000)]))
  stopping.abort(new Error('the leader stops'))
  await expect(call).rejects.toThrow('the leader stops')
})

it('X1: calls with a signal of signals leave none of them behind', async () => {
  await using answering = await host()
  const lead = new AbortController()
  const before = queryObjects(AbortSignal, { format: 'count' })
  for (let n = 0; n < 100; n++) await answering.fleets.list(AbortSignal.any([lead.signal, AbortSignal.timeout(50)]))
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(queryObjects(AbortSignal, { format: 'count' }) - before).toBeLessThan(20)
})
