import { StrataError } from '../../model/errors.ts'
import { freePort, listenOnce } from '../agones/freePorts.ts'

const HOST = '127.0.0.1'

/** Redis in cluster mode listens at a second port, so far above its own: among those of outgoing connections, one of which may have it. */
const CLUSTER_BUS = 10_000
const ATTEMPTS = 20

/** A TCP port on loopback that nobody listens on, nor on that of its cluster bus. Throws PORT_IN_USE. */
export async function chooseClusterPort(): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort(undefined, '--redis-port PORT')
    try {
      await listenOnce(HOST, port + CLUSTER_BUS)
      return port
    } catch (error) {
      if (attempt >= ATTEMPTS) throw new StrataError('PORT_IN_USE', { port: port + CLUSTER_BUS, option: '--redis-port PORT' }, { cause: error })
    }
  }
}

/** A TCP port on loopback that nobody listens on: `wanted`, or any when it is absent or 0. Throws PORT_IN_USE. */
export async function choosePort(wanted: number | undefined, option: string): Promise<number> {
  try {
    if (wanted === undefined || wanted === 0) return await freePort(HOST)
    await listenOnce(HOST, wanted)
    return wanted
  } catch (error) {
    throw new StrataError('PORT_IN_USE', { port: wanted ?? 0, option }, { cause: error })
  }
}
