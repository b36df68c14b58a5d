import { StrataError } from '../../model/errors.ts'
import { freePort, listenOnce } from '../../orchestrator/cluster/local/freePorts.ts'

const HOST = '127.0.0.1'

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
