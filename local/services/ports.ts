import { StrataError } from '../../model/errors.ts'
import { freePort, listenOnce } from '../agones/freePorts.ts'

const HOST = '127.0.0.1'

/** Redis in cluster mode also listens on its port + 10,000. That is in the range of outgoing connections, so another process may hold it. */
const CLUSTER_BUS = 10_000
/** Ports that are tried before PORT_IN_USE. */
const ATTEMPTS = 20

/** A free TCP port on loopback whose cluster-bus port is free, too. Throws PORT_IN_USE. */
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

/** A free TCP port on loopback: `wanted`, or any free port when it is absent or 0. Throws PORT_IN_USE. */
export async function choosePort(wanted: number | undefined, option: string): Promise<number> {
  try {
    if (wanted === undefined || wanted === 0) return await freePort(HOST)
    await listenOnce(HOST, wanted)
    return wanted
  } catch (error) {
    throw new StrataError('PORT_IN_USE', { port: wanted ?? 0, option }, { cause: error })
  }
}
