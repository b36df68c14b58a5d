import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import { StrataError } from '../../model/errors.ts'

/** A ticket with its options is far below. */
const BODY_MAX_BYTES = 4 * 1024

/**
 * Stands before Colyseus' HTTP routes, which read a body of any length into memory (rule X1). Call it after `listen`,
 * when the routes are in place.
 */
export function gateRequests(server: Server | TlsServer): void {
  const routes = server.listeners('request')
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const length = Number(request.headers['content-length'] ?? 0)
    // A body without a length comes in chunks of which nobody knows how many follow.
    if (length > BODY_MAX_BYTES || request.headers['transfer-encoding'] !== undefined) return refuse(response)
    for (const route of routes) Reflect.apply(route, server, [request, response])
  })
}

function refuse(response: ServerResponse): void {
  const error = new StrataError('BODY_TOO_LARGE', { limit: BODY_MAX_BYTES })
  response.writeHead(error.row.status, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify(error.toJSON()))
}
