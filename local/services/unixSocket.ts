import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'

/** What fits into the address of a socket on macOS, which allows less than Linux. */
const PATH_MAX_BYTES = 103

/** Whether a server can listen at this path: not on Windows, not deep in somebody's folders, not on every shared or mounted disk. */
export async function canListenAt(path: string): Promise<boolean> {
  if (process.platform === 'win32' || Buffer.byteLength(path) > PATH_MAX_BYTES) return false
  try {
    await rm(path, { force: true })
    const server = createServer().listen(path)
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return true
  } catch {
    return false
  }
}
