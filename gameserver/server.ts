import type { CryptoKey } from 'jose'
import type { Directory } from '../directory/directory.ts'
import type { Clock } from '../model/clock.ts'
import type { MapName, Region } from '../model/ids.ts'
import type { Random } from '../model/random.ts'
import { PROTOCOL_RANGE, SERVER_BEAT_MS, type ServerReport } from '../model/server.ts'
import type { Certificate } from '../service/certificate.ts'
import { createHttp } from '../service/http.ts'
import type { Logger } from '../service/log.ts'
import { createRegistry } from '../service/metrics.ts'
import type { Economy } from '../store/economy/economy.ts'
import type { Store } from '../store/store.ts'
import type { Agones } from './agones/agones.ts'
import type { AgonesGameServer } from './agones/gameServer.ts'
import { publicAddress } from './agones/publicAddress.ts'
import { Beat } from './hosting/beat.ts'
import { CopyKeeper } from './hosting/copyKeeper.ts'
import { hearing, watchDirectory } from './hosting/directoryWatch.ts'
import { emptied, leaveDirectory } from './hosting/farewell.ts'
import { readMailbox } from './hosting/mailbox.ts'
import { listenForPlayers } from './hosting/rooms.ts'
import { stayInUse } from './hosting/stayInUse.ts'
import { createGameServerMetrics } from './metrics.ts'
import type { ZoneRoomClass } from './zone/bindRoom.ts'
import { TicketBook } from './zone/connection/ticketBook.ts'
import type { ZoneServices } from './zone/services.ts'

export interface GameServerOptions {
  /** Room classes by map; `default` is taken for maps without one of their own. */
  rooms: Record<MapName | 'default', ZoneRoomClass>
  agones: Agones
  directory: Directory
  store: Store & { economy?: Economy }
  /** Public keys of the ticket signers. */
  ticketKeys: readonly CryptoKey[]
  host: string
  port: number
  probePort: number
  /** `wss` with a certificate, or where something before the server ends TLS. */
  scheme: 'ws' | 'wss'
  /** Ends TLS here. */
  certificate?: Certificate | undefined
  /** Where players connect when it is not Agones' own address: "{node}.play.example.com:{port}". */
  addressTemplate?: string | undefined
  /** The node that this server runs on, where it is known. */
  node?: string | undefined
  /** Where this server stands; without it what Agones' label says. */
  region?: Region | undefined
  /** How long players may take to be moved away at the end; after it they are saved and disconnected. */
  drainDeadlineMs: number
  log: Logger
  clock?: Clock
  random?: Random
}

export interface GameServer extends AsyncDisposable {
  readonly id: string
}

const POLL_EVERY_MS = 1_000
/** Copies of a server that its fleet does not size: one that is not an Agones counter's owner hosts this many. */
const ROOMS_WITHOUT_COUNTER = 1

/**
 * One game server: its rooms, its word to the directory, its life with Agones. Disposing it drains it first: it says so,
 * takes no new copies, waits until the orchestrator has moved everybody away or the deadline has passed, saves who is
 * left, and tells Agones to take it away.
 */
export async function startGameServer(options: GameServerOptions): Promise<GameServer> {
  const { agones, directory, store, log, clock = { now: Date.now }, random = Math.random } = options
  const self = await agones.gameServer()
  const registry = createRegistry('gameserver')
  const services: ZoneServices = {
    server: self.name,
    clock,
    random,
    log,
    directory,
    store,
    ...(store.economy === undefined ? {} : { economy: store.economy }),
    // Keys rotate while this process runs.
    get ticketKeys() {
      return options.ticketKeys
    },
    tickets: new TicketBook(),
    metrics: createGameServerMetrics(registry),
    rooms: new Map(),
  }
  await using starting = new AsyncDisposableStack()
  let [draining, marked] = [false, false]
  let state: string | undefined
  const players = starting.use(await listenForPlayers(options.rooms, services, options))
  const report = (): Promise<void> => directory.reportServer(reportOf(options, self, players.port, { draining, ...leaving(services), beat: clock.now() }))
  const keeper = new CopyKeeper(services, {
    address: addressOf(options, self, players.port),
    roomName: players.roomName,
    draining: () => draining,
    announce: report,
  })
  const ready = async (): Promise<void> => {
    await store.ping(AbortSignal.timeout(2_000))
    if (draining) throw new Error('draining')
  }
  const probes = createHttp(log, { registry, ready })
  starting.defer(() => probes.close())
  await probes.listen({ host: options.host, port: options.probePort })

  const beats = starting.use(new Beat('telling the directory of this server', SERVER_BEAT_MS, log, report))
  const copies = starting.use(
    new Beat('keeping copies', POLL_EVERY_MS, log, async () => {
      await keeper.look()
      agones.setCounter('rooms', services.rooms.size)
      agones.setCounter(
        'players',
        [...services.rooms.values()].reduce((sum, room) => sum + room.population, 0),
      )
      if (draining && marked && services.rooms.size === 0) await agones.shutdown()
    }),
  )
  const mail = starting.use(new Beat('reading orders', POLL_EVERY_MS, log, () => readMailbox(services)))
  const hear = hearing({ keeper, copies, mail, rooms: services.rooms })
  const own = { state: () => state, allocate: () => agones.allocate() }
  const inUse = starting.use(new Beat('staying allocated', POLL_EVERY_MS, log, () => stayInUse(services, own)))
  const watching = new AbortController()
  const watched = watchDirectory({ directory, server: self.name, log, hear }, watching.signal)
  starting.defer(async () => {
    watching.abort()
    await watched
  })

  const drain = (why: string): void => {
    if (draining) return
    draining = true
    log.info({ why, copies: services.rooms.size }, 'draining')
    beats.ring()
  }
  starting.defer(
    agones.onChange((server) => {
      marked = server.marked
      if (server.state !== state) inUse.ring()
      state = server.state
      if (marked) drain('Agones marked this server')
    }),
  )
  await agones.ready()
  log.info({ server: self.name, fleet: self.fleet, port: players.port }, 'ready')
  const running = starting.move()

  return {
    id: self.name,
    async [Symbol.asyncDispose]() {
      services.leavesBy = clock.now() + options.drainDeadlineMs
      drain('told to stop')
      // Until now it may have been only marked, with all the time of its policies.
      beats.ring()
      await emptied(services, options.drainDeadlineMs)
      await leaveDirectory(services, keeper)
      await running.disposeAsync()
      await directory.removeServer(self.name).catch((error: unknown) => log.warn({ err: error }, 'the directory still lists this server'))
      await agones.shutdown().catch((error: unknown) => log.warn({ err: error }, 'Agones was not told of the end'))
    },
  }
}

function addressOf({ scheme, addressTemplate, node = '', host }: GameServerOptions, self: AgonesGameServer, port: number): string {
  // Agones' address and port are those that players reach; without them (a server in no cluster) our own.
  const parts = { node, server: self.name, host: self.host === '' ? host : self.host, port: self.port === 0 ? port : self.port }
  return publicAddress(scheme, addressTemplate, parts)
}

function leaving({ leavesBy }: ZoneServices): Pick<ServerReport, 'leavesBy'> {
  return leavesBy === undefined ? {} : { leavesBy }
}

type Now = Pick<ServerReport, 'draining' | 'leavesBy' | 'beat'>

function reportOf(options: GameServerOptions, self: AgonesGameServer, port: number, now: Now): ServerReport {
  const region = options.region ?? self.region
  return {
    id: self.name,
    fleet: self.fleet,
    address: addressOf(options, self, port),
    rooms: self.counters['rooms']?.capacity ?? ROOMS_WITHOUT_COUNTER,
    protocol: PROTOCOL_RANGE,
    ...(region === undefined ? {} : { region }),
    ...now,
  }
}
