import { createServer } from 'node:net'
import { StrataError } from '../../model/errors.ts'

/**
 * Where a port of our own choice is taken from: below those that systems give to outgoing connections, one of which might take it before the
 * process that it is meant for listens.
 */
const OWN_FROM = 20_000
const OWN_COUNT = 12_000
const ATTEMPTS = 50

/** A TCP port on loopback that nobody listens on: `wanted`, or any when it is absent or 0. Throws PORT_IN_USE. */
export async function choosePort(wanted: number | undefined, option: string): Promise<number> {
  const any = wanted === undefined || wanted === 0
  for (let attempt = 1; ; attempt++) {
    const port = any ? OWN_FROM + Math.floor(Math.random() * OWN_COUNT) : wanted
    try {
      await listenOnce(port)
      return port
    } catch (error) {
      if (!any || attempt === ATTEMPTS) throw new StrataError('PORT_IN_USE', { port, option }, { cause: error })
    }
  }
}

function listenOnce(port: number): Promise<void> {
  const probe = createServer()
  return new Promise((resolve, reject) => {
    probe.once('error', reject)
    probe.listen({ host: '127.0.0.1', port }, () => probe.close(() => resolve()))
  })
}
