import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface TcpProxy extends AsyncDisposable {
  url: string
  /** Connections accepted so far. */
  connections(): number
  /** Stops forwarding on all connections without closing them. */
  stall(): void
  /** Closes all connections and refuses new ones. */
  cut(): void
  /** Leads new connections to these servers in turn; those that are open stay where they are. */
  leadTo(...urls: string[]): void
  /** Accepts connections again after `cut`. */
  restore(): void
}

/** A TCP proxy in front of a server, to test network failures. It accepts the first `lost` connections but does not forward them. */
export async function startTcpProxy(url: string, { lost = 0 }: { lost?: number } = {}): Promise<TcpProxy> {
  const proxyUrl = new URL(url)
  let targets = [new URL(url)]
  const sockets = new Set<Socket>()
  let open = true
  let count = 0
  const server = createServer((client) => {
    if (!open) return void client.destroy()
    const both = [client]
    const target = targets[count % targets.length]
    if (++count > lost && target !== undefined) both.push(connect(Number(target.port), target.hostname))
    for (const socket of both) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        for (const end of both) end.destroy()
      })
    }
    const [, upstream] = both
    if (upstream === undefined) client.resume()
    else client.pipe(upstream).pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  proxyUrl.port = String(typeof address === 'object' ? address?.port : '')
  const cut = (): void => {
    open = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: proxyUrl.href,
    connections: () => count,
    stall: () => {
      for (const socket of sockets) socket.unpipe().pause()
    },
    leadTo: (...others) => {
      targets = others.map((other) => new URL(other))
    },
    cut,
    restore: () => {
      open = true
    },
    [Symbol.asyncDispose]: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
