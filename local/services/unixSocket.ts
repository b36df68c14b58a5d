import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'

/** Longest path of a Unix socket on macOS, in bytes; Linux allows more. */
const PATH_MAX_BYTES = 103

/** Whether a server can listen at this path. It cannot on Windows, at a long path, or on some shared or mounted disks. */
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
