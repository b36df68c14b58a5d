import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'

/** Decides on the frames of one client before Colyseus reads them. */
export interface FrameGuard {
  /** Whether the frame is read. */
  admits(): boolean
  /** Colyseus' decoder threw an exception: the frame is malformed. Without a guard it would be an uncaught exception. */
  malformed(error: unknown): void
  /** A message was above the size limit, and the package ws closes the connection. */
  oversize(): void
}

/** A player's WebSocket. The transport makes one for each upgrade: the package ws has an option for the class (`WebSocketServer`, option `WebSocket`). */
export class PlayerSocket extends WebSocket {
  guard: FrameGuard | undefined
  /** The TCP or TLS stream below, to write several frames at once: ws has no call for that. */
  stream: Pick<Duplex, 'cork' | 'uncork'> | undefined

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    const { guard } = this
    if (event === 'error' && isOversize(values[0])) guard?.oversize()
    if (event !== 'message' || guard === undefined) return super.emit(event, ...values)
    if (!guard.admits()) return false
    try {
      return super.emit(event, ...values)
    } catch (error) {
      guard.malformed(error)
      return true
    }
  }
}

function isOversize(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
}
