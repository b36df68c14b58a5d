import { request } from 'node:http'
import { expect, it } from 'vitest'
import { connectRoom } from '../../client/room/roomLink.ts'
import { maskedFrame, RawClient, reserve } from './harness/rawClient.ts'
import { until } from './harness/servers.ts'
import { townWithWitness } from './harness/serversOfFile.ts'

const { servers, server, town, unaffected } = await townWithWitness()

const metric = async (line: RegExp): Promise<number> => Number(line.exec(await (await fetch(`${server.probes}/metrics`)).text())?.[1] ?? 0)
/** Resolves with the time in ms until the server has closed the socket. */
async function closedAfter(client: RawClient, began: number, timeoutMs: number): Promise<number> {
  await until('the server closes the socket', async () => client.closedAt !== undefined, timeoutMs)
  return (client.closedAt ?? Number.NaN) - began
}

it('X1: a client that never confirms its join is disconnected within 8 s', async () => {
  const mute = await servers.holder('Mute')
  const client = await RawClient.join(server.address, town.id, await servers.ticket(mute, town))
  const after = await closedAfter(client, performance.now(), 9_000)
  expect(after).toBeGreaterThan(3_000)
  expect(after).toBeLessThan(8_500)
  expect(await metric(/strata_gameserver_refusals_total\{[^}]*code="JOIN_UNCONFIRMED"[^}]*\} (\d+)/)).toBe(1)
  await unaffected()
})

it('X1: a client that ignores its disconnection is not read any more, and its socket is destroyed within 3 s', async () => {
  const vandal = await servers.holder('Vandal')
  const client = await RawClient.join(server.address, town.id, await servers.ticket(vandal, town))
  await client.confirm()
  await until('is live', async () => client.received > 200)
  const began = performance.now()
  const flood = Buffer.concat(Array.from({ length: 5_000 }, () => maskedFrame(new Uint8Array([17, 0xa1, 0x78, 1]))))
  // 10 bytes a frame. The kernel buffers some megabytes; what the server reads shows in the time until the writes stop.
  let accepted = 0
  while (client.closedAt === undefined && performance.now() - began < 5_000) {
    if (client.socket.write(flood)) accepted += flood.length
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(await closedAfter(client, began, 100)).toBeLessThan(3_500)
  expect(accepted).toBeLessThan(20_000_000)
  await unaffected()
})

it('S5: 100 requests with one ticket reserve one seat', async () => {
  const ticket = await servers.ticket(await servers.holder('Copycat'), town)
  const answers = await Promise.all(Array.from({ length: 100 }, () => reserve(server.address, town.id, ticket)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  const refused = await Promise.all(answers.filter(({ status }) => status !== 200).map((answer) => answer.json()))
  expect(refused.filter(({ error }: { error?: unknown }) => String(error).startsWith('TICKET_USED'))).toHaveLength(99)
  await unaffected()
})

it('X1: one address has a limited number of sockets, and sockets that send nothing or little are closed within 8 s', async () => {
  await using stack = new AsyncDisposableStack()
  const open = (): RawClient => {
    const client = RawClient.open(server.address)
    stack.defer(() => void client.socket.destroy())
    return client
  }
  const began = performance.now()
  const clients = Array.from({ length: 300 }, open)
  const [silent, slow] = [clients[0], clients[1]]
  if (silent === undefined || slow === undefined) throw new Error('no clients')
  slow.socket.write('GET / HTTP/1.1\r\n')
  const drip = setInterval(() => slow.socket.write('x: y\r\n'), 300)
  stack.defer(() => clearInterval(drip))
  await until('sockets above the limit are refused', async () => clients.filter(({ closedAt }) => closedAt !== undefined).length >= 40)
  await unaffected()
  expect(await closedAfter(silent, began, 9_000)).toBeLessThan(8_000)
  expect(await closedAfter(slow, began, 9_000)).toBeLessThan(8_000)
})

it('X1: one address has a limited rate of requests', async () => {
  const flooded = await servers.server({ REQUESTS_PER_ADDRESS: '1' })
  const statuses = await Promise.all(Array.from({ length: 100 }, async () => (await reserve(flooded.address, 'nowhere', 'x')).status))
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(40)
  // What a player reads: the code and its text.
  await expect(connectRoom({ address: flooded.address, copy: 'nowhere', ticket: 'x' })).rejects.toMatchObject({
    code: 'TOO_MANY_REQUESTS',
    message: expect.stringMatching(/^You sent too many requests/),
    retryable: true,
  })
  // The servers' other address, 127.0.0.2, stands for another player.
  const other = await new Promise<number | undefined>((resolve, reject) => {
    const { port } = new URL(flooded.address)
    const asked = request({ host: '127.0.0.1', port, localAddress: '127.0.0.2', method: 'POST', path: '/matchmake/joinById/nowhere' }, ({ statusCode }) =>
      resolve(statusCode),
    )
    asked.on('error', reject)
    asked.end('{}')
  })
  expect(other).not.toBe(429)
})
