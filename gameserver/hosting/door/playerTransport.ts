import type { IncomingMessage, Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import { WebSocketTransport } from '@colyseus/ws-transport'
import type { WebSocket } from 'ws'
import { PlayerSocket } from '../../zone/connection/playerSocket.ts'

/** Largest WebSocket message from a client, in bytes; a longer one closes the connection with code 1009. */
const PAYLOAD_MAX_BYTES = 4 * 1024
/** Time in ms that a client has to answer a close. Then its socket is destroyed. The default of the ws package is 30 s. */
const CLOSE_TIMEOUT_MS = 2_000
/**
 * A client is pinged this often, in ms, and its socket is destroyed when it has not answered the last two pings: 6 to 9 s after it stopped to read. A client that gets nothing for 6 s
 * enters again by itself (`Silence`).
 */
const PINGS = { pingInterval: 3_000, pingMaxRetries: 2 }

/** Colyseus' transport over WebSockets of the class `PlayerSocket`. */
export class PlayerTransport extends WebSocketTransport {
  constructor(server: Server | TlsServer) {
    // The types of ws lack `closeTimeout`.
    const times = { closeTimeout: CLOSE_TIMEOUT_MS }
    super({ server, WebSocket: PlayerSocket, maxPayload: PAYLOAD_MAX_BYTES, ...times, ...PINGS })
  }

  protected override async onConnection(socket: WebSocket & { pingCount: number }, request: IncomingMessage): Promise<void> {
    if (socket instanceof PlayerSocket) socket.opened(request.socket, PAYLOAD_MAX_BYTES)
    await super.onConnection(socket, request)
  }
}
