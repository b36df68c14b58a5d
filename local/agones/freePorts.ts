import { createServer } from 'node:net'

/** Ports are drawn from 20,000 to 31,999: below the range that Linux gives to outgoing connections, which could take a port first. */
const FIRST_PORT = 20_000
const PORT_COUNT = 12_000
/** Ports that are tried before the last error is thrown. */
const ATTEMPTS = 50

/** Ports that were returned recently. Their processes may not listen yet, so they are not drawn again. */
const recentPorts = new Set<number>()
/** How long a returned port is not drawn again, in ms. */
const FORGET_AFTER_MS = 30_000

/** A port that nobody listens on now. Another process may still take it first; the game server then ends and is replaced. */
export async function freePort(host: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORT_COUNT)
    if (recentPorts.has(port)) continue
    try {
      await listenOnce(host, port)
    } catch (error) {
      if (attempt >= ATTEMPTS) throw error
      continue
    }
    recentPorts.add(port)
    setTimeout(() => recentPorts.delete(port), FORGET_AFTER_MS).unref()
    return port
  }
}

/** Rejects when another process listens on the port. */
export function listenOnce(host: string, port: number): Promise<void> {
  const probe = createServer()
  return new Promise((resolve, reject) => {
    probe.once('error', reject)
    probe.listen({ host, port }, () => probe.close(() => resolve()))
  })
}
