import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { BlockList, Socket } from 'node:net'
import type { Clock } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import { type AddressLimits, clientAddress } from './addressLimits.ts'

/** Largest HTTP request body in bytes. A ticket with its join options is much smaller. */
const BODY_MAX_BYTES = 4 * 1024

/**
 * Times of one HTTP connection in ms. A client that sends nothing, or its headers byte by byte, is cut off at these times. Node looks every 30 s by
 * default, so the interval is set too. A TLS handshake has 120 s by default.
 */
export const HTTP_TIMES = { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000 }
export const TLS_TIMES = { handshakeTimeout: 5_000 }

export interface HttpLimits {
  limits: AddressLimits
  proxies: BlockList | undefined
  clock: Clock
  /** Called for each refused socket or request, with the code of its error. */
  refused(code: string): void
  /** Called for each socket that is admitted, and when it has closed. */
  opened(): void
  closed(): void
}

/** Limits open sockets per address, and the handshakes for WebSockets. Call it before Colyseus handles the server's upgrades. */
export function guardSockets(server: Server | TlsServer, { limits, proxies, clock, refused, opened, closed }: HttpLimits): void {
  const { code } = new StrataError('TOO_MANY_REQUESTS', { seconds: 1 })
  const count = (socket: Socket, address: string): void => {
    if (limits.open(address)) {
      opened()
      socket.once('close', () => {
        limits.closed(address)
        closed()
      })
    } else {
      refused(code)
      socket.destroy()
    }
  }
  // Behind a proxy the address is known only when a request arrives, so WebSockets alone are counted.
  if (proxies === undefined) server.on('connection', (socket: Socket) => count(socket, socket.remoteAddress ?? ''))
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    const address = clientAddress(request, proxies)
    if (limits.request(address, clock.now())) {
      if (proxies !== undefined) count(socket, address)
      return
    }
    refused(code)
    socket.destroy()
  })
}

/**
 * Refuses requests above the rate of their address, and requests with a large body, before Colyseus' HTTP routes, which would read a body of any
 * length into memory (rule X1). Call it after `listen`, because it wraps the routes that exist then.
 */
export function guardRequests(server: Server | TlsServer, { limits, proxies, clock, refused }: HttpLimits): void {
  const routes = server.listeners('request')
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const refuse = (error: StrataError): void => {
      refused(error.code)
      response.writeHead(error.row.status, { 'content-type': 'application/json', connection: 'close' })
      // Colyseus' SDK shows the member `message` as the error's text, and the whole of `error` as "[object Object]".
      response.end(JSON.stringify({ ...error.toJSON(), message: `${error.code}: ${error.message}` }))
    }
    if (!limits.request(clientAddress(request, proxies), clock.now())) return refuse(new StrataError('TOO_MANY_REQUESTS', { seconds: 1 }))
    const length = Number(request.headers['content-length'] ?? 0)
    // A chunked body announces no length, so it could grow without limit.
    if (length > BODY_MAX_BYTES || request.headers['transfer-encoding'] !== undefined)
      return refuse(new StrataError('BODY_TOO_LARGE', { limit: BODY_MAX_BYTES }))
    for (const route of routes) Reflect.apply(route, server, [request, response])
  })
}
