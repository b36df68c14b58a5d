import { type AddressInfo, createServer } from 'node:net'

/** Below the ports that systems give to outgoing connections: one of those might take it before the server listens. */
const OWN_FROM = 20_000
const OWN_COUNT = 12_000
const ATTEMPTS = 50

/** Ports given lately: the system may offer one again before the process that got it listens. */
const givenLately = new Set<number>()
const FORGET_AFTER_MS = 30_000

/** A port that nobody listens on now. Somebody else may still take it first: a server that finds its port taken ends, and is replaced. */
export async function freePort(host: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await probe(host).catch((error: unknown) => {
      if (attempt >= ATTEMPTS) throw error
      return undefined
    })
    if (port === undefined || givenLately.has(port)) continue
    givenLately.add(port)
    setTimeout(() => givenLately.delete(port), FORGET_AFTER_MS).unref()
    return port
  }
}

function probe(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(OWN_FROM + Math.floor(Math.random() * OWN_COUNT), host, () => {
      const { port } = server.address() as AddressInfo // a TCP server's address is never a string
      server.close(() => resolve(port))
    })
  })
}
