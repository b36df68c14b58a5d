import { createServer } from 'node:net'
import { StrataError } from '../../model/errors.ts'

/** A TCP port on loopback that nobody listens on: `wanted`, or any when it is absent or 0. Throws PORT_IN_USE. */
export async function choosePort(wanted: number | undefined, option: string): Promise<number> {
  const probe = createServer()
  try {
    return await new Promise<number>((resolve, reject) => {
      probe.once('error', reject)
      probe.listen({ host: '127.0.0.1', port: wanted ?? 0 }, () => {
        const address = probe.address()
        if (address === null || typeof address === 'string') reject(new TypeError('a TCP socket has a port'))
        else resolve(address.port)
      })
    })
  } catch (error) {
    throw new StrataError('PORT_IN_USE', { port: wanted ?? 0, option }, { cause: error })
  } finally {
    probe.close()
  }
}
