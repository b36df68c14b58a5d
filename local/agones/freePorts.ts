import { createServer } from 'node:net'

/** Below the ports that systems give to outgoing connections: one of those might take it before the server listens. */
const OWN_FROM = 20_000
const OWN_COUNT = 12_000
const ATTEMPTS = 50

/** Ports given lately: the same one might be drawn again before the process that got it listens. */
const givenLately = new Set<number>()
const FORGET_AFTER_MS = 30_000

/** A port that nobody listens on now. Somebody else may still take it first: a server that finds its port taken ends, and is replaced. */
export async function freePort(host: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = OWN_FROM + Math.floor(Math.random() * OWN_COUNT)
    if (givenLately.has(port)) continue
    try {
      await listenOnce(host, port)
    } catch (error) {
      if (attempt >= ATTEMPTS) throw error
      continue
    }
    givenLately.add(port)
    setTimeout(() => givenLately.delete(port), FORGET_AFTER_MS).unref()
    return port
  }
}

/** Rejects when somebody listens there. */
export function listenOnce(host: string, port: number): Promise<void> {
  const probe = createServer()
  return new Promise((resolve, reject) => {
    probe.once('error', reject)
    probe.listen({ host, port }, () => probe.close(() => resolve()))
  })
}
