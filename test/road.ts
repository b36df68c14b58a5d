import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Road extends AsyncDisposable {
  url: string
  /** What is sent is not heard, and nobody is told. */
  stopUp(): void
  cut(): void
  mend(): void
}

/** A way to the database that can be stopped up, cut and mended. */
export async function roadTo(url: string): Promise<Road> {
  const own = new URL(url)
  const { port, hostname } = own
  const sockets = new Set<Socket>()
  let open = true
  const server = createServer((inside) => {
    if (!open) return void inside.destroy()
    const outside = connect(Number(port), hostname)
    for (const socket of [inside, outside]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        inside.destroy()
        outside.destroy()
      })
    }
    inside.pipe(outside)
    outside.pipe(inside)
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
