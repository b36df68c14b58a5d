import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import { StrataError } from '../../model/errors.ts'

/** Largest HTTP request body in bytes. A ticket with its join options is much smaller. */
const BODY_MAX_BYTES = 4 * 1024

/**
 * Refuses requests with a large body before Colyseus' HTTP routes, which would read a body of any length into memory (rule X1). Call it after
 * `listen`, because it wraps the routes that exist then.
 */
export function limitBodies(server: Server | TlsServer): void {
  const routes = server.listeners('request')
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const length = Number(request.headers['content-length'] ?? 0)
    // A chunked body announces no length, so it could grow without limit.
    if (length > BODY_MAX_BYTES || request.headers['transfer-encoding'] !== undefined) return refuse(response)
    for (const route of routes) Reflect.apply(route, server, [request, response])
  })
}

function refuse(response: ServerResponse): void {
  const error = new StrataError('BODY_TOO_LARGE', { limit: BODY_MAX_BYTES })
  response.writeHead(error.row.status, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify(error.toJSON()))
}
