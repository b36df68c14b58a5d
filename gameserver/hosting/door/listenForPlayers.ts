import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { LocalDriver, LocalPresence, matchMaker, Server } from '@colyseus/core'
import { StrataError } from '../../../model/errors.ts'
import type { MapName } from '../../../model/ids.ts'
import type { Certificate } from '../../../service/keys/certificate.ts'
import { bindRoom, type ZoneRoomClass } from '../../zone/bindRoom.ts'
import type { ZoneServices } from '../../zone/services.ts'
import { AddressLimits, type AddressRates, trustedProxies } from './addressLimits.ts'
import { guardRequests, guardSockets, HTTP_TIMES, type HttpLimits, TLS_TIMES } from './guardHttp.ts'
import { PlayerTransport } from './playerTransport.ts'

/** Name of the room class for maps that have no class of their own. */
export const DEFAULT_ROOM = 'default'

export interface ListenOptions {
  host: string
  port: number
  certificate?: Certificate | undefined
  perAddress: AddressRates
  /** Addresses and CIDRs of trusted proxies, separated by commas: their `x-forwarded-for` gives the client's address. */
  trustProxy?: string | undefined
}

export interface Listening extends AsyncDisposable {
  /** Name of the room class for a map; undefined when this server has none for it. */
  roomName(map: MapName): string | undefined
  port: number
}

/**
 * Starts Colyseus as the runtime of the rooms in this process only: no shared presence or driver, no signal handling, and `joinById` as the only
 * public matchmaking method.
 */
export async function listenForPlayers(
  rooms: Record<MapName, ZoneRoomClass>,
  services: ZoneServices,
  { host, port, certificate, perAddress, trustProxy }: ListenOptions,
): Promise<Listening> {
  matchMaker.controller.exposedMethods = ['joinById']
  const { log, clock, metrics } = services
  const http = webServer(certificate)
  const limits: HttpLimits = {
    limits: new AddressLimits(perAddress),
    proxies: trustProxy === undefined ? undefined : trustedProxies(trustProxy),
    clock,
    refused: (code) => metrics.refusals.inc({ code }),
    opened: () => metrics.sockets.inc(),
    closed: () => metrics.sockets.dec(),
  }
  guardSockets(http, limits)
  const colyseus = new Server({
    transport: new PlayerTransport(http),
    presence: new LocalPresence(),
    driver: new LocalDriver(),
    gracefullyShutdown: false,
    greet: false,
    // Most of what Colyseus logs as an error is a client that was refused.
    logger: {
      debug: log.debug.bind(log),
      info: log.debug.bind(log),
      trace: log.debug.bind(log),
      warn: log.debug.bind(log),
      error: (what: unknown) => log.info({ what }, 'colyseus'),
    },
  })
  for (const [name, Room] of Object.entries(rooms)) colyseus.define(name, bindRoom(Room, services), { services })
  await listen(colyseus, http, host, port)
  guardRequests(http, limits)
  const address = http.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    roomName: (map) => (map in rooms ? map : DEFAULT_ROOM in rooms ? DEFAULT_ROOM : undefined),
    async [Symbol.asyncDispose]() {
      await colyseus.gracefullyShutdown(false)
      http.closeAllConnections()
    },
  }
}

function webServer(certificate: Certificate | undefined): ReturnType<typeof createServer> | ReturnType<typeof createTlsServer> {
  if (certificate === undefined) return createServer(HTTP_TIMES)
  const server = createTlsServer({ ...HTTP_TIMES, ...TLS_TIMES, ...certificate.credentials })
  certificate.onRenewal((credentials) => server.setSecureContext(credentials))
  return server
}

/** Colyseus handles the `error` event only after the port is bound, so a port in use would otherwise be an uncaught exception. */
async function listen(colyseus: Server, http: ReturnType<typeof webServer>, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new StrataError('PORT_IN_USE', { port, option: 'another PORT' }) : error),
    )
    colyseus.listen(port, host).then(resolve, reject)
  })
}
