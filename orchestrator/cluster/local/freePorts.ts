import { type AddressInfo, createServer } from 'node:net'

/** Ports given lately: the system may offer one again before the process that got it listens. */
const givenLately = new Set<number>()
const FORGET_AFTER_MS = 30_000

/** A port that nobody listens on now. Somebody else may still take it first: a server that finds its port taken ends, and is replaced. */
export async function freePort(host: string): Promise<number> {
  for (;;) {
    const port = await probe(host)
    if (givenLately.has(port)) continue
    givenLately.add(port)
    setTimeout(() => givenLately.delete(port), FORGET_AFTER_MS).unref()
    return port
  }
}

function probe(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo // a TCP server's address is never a string
      server.close(() => resolve(port))
    })
  })
}
