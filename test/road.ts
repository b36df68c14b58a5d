import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Road extends AsyncDisposable {
  url: string
  /** So many were made on it so far. */
  connections(): number
  /** What is sent is not heard, and nobody is told. */
  stopUp(): void
  cut(): void
  mend(): void
}

/** A way to a server that can be stopped up, cut and mended. The first `lost` connections are taken and lead nowhere. */
export async function roadTo(url: string, { lost = 0 }: { lost?: number } = {}): Promise<Road> {
  const own = new URL(url)
  const { port, hostname } = own
  const sockets = new Set<Socket>()
  let open = true
  let count = 0
  const server = createServer((inside) => {
    if (!open) return void inside.destroy()
    const both = [inside]
    if (++count > lost) both.push(connect(Number(port), hostname))
    for (const socket of both) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        for (const end of both) end.destroy()
      })
    }
    const [, outside] = both
    if (outside === undefined) inside.resume()
    else inside.pipe(outside).pipe(inside)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  own.port = String(typeof address === 'object' ? address?.port : '')
  const cut = (): void => {
    open = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: own.href,
    connections: () => count,
    stopUp: () => {
      for (const socket of sockets) socket.unpipe().pause()
    },
    cut,
    mend: () => {
      open = true
    },
    [Symbol.asyncDispose]: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
