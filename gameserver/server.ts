import type { CryptoKey } from 'jose'
import type { Registry } from 'prom-client'
import type { Directory } from '../directory/directory.ts'
import { gameServerAccess } from '../model/access/routes.ts'
import type { Clock, DurationMs } from '../model/clock.ts'
import { defined } from '../model/defined.ts'
import type { CharacterId, MapName, Region } from '../model/ids.ts'
import type { Random } from '../model/random.ts'
import { PROTOCOL_RANGE, SERVER_BEAT_MS, type ServerReport } from '../model/server.ts'
import { createHttp } from '../service/http.ts'
import type { Certificate } from '../service/keys/certificate.ts'
import type { SealKeys } from '../service/keys/sealedTickets.ts'
import type { Logger } from '../service/log.ts'
import { clockGauge, createRegistry } from '../service/metrics.ts'
import { measuredDirectory, measuredStore } from '../service/observe/dependencies.ts'
import { measured } from '../service/observe/measured.ts'
import type { Economy } from '../store/economy/economy.ts'
import type { Store } from '../store/store.ts'
import type { Agones } from './agones/agones.ts'
import type { AgonesGameServer } from './agones/gameServer.ts'
import { publicAddress } from './agones/publicAddress.ts'
import { CopyReconciler } from './hosting/copyReconciler.ts'
import { eventHandler, watchDirectory } from './hosting/directoryWatch.ts'
import type { AddressRates } from './hosting/door/addressLimits.ts'
import { listenForPlayers } from './hosting/door/listenForPlayers.ts'
import { keepAllocated } from './hosting/keepAllocated.ts'
import { keepRegistered } from './hosting/keepRegistered.ts'
import { readMailbox } from './hosting/mailbox.ts'
import { PeriodicTask } from './hosting/periodicTask.ts'
import { LiveProfiles } from './hosting/profiles/liveProfiles.ts'
import { type StudioGraph, watchRelations } from './hosting/profiles/relationsWatch.ts'
import { reportLoad } from './hosting/reportLoad.ts'
import { closeRooms, waitUntilEmpty } from './hosting/shutdown.ts'
import { ViolationLog } from './hosting/violationLog.ts'
import { agonesCalls, createGameServerMetrics } from './metrics.ts'
import type { ZoneRoomClass } from './zone/bindRoom.ts'
import { ChatHub } from './zone/chat/chatHub.ts'
import { createChatMetrics } from './zone/chat/chatMetrics.ts'
import type { ChatOptions } from './zone/chat/options.ts'
import { TicketBook } from './zone/connection/ticketBook.ts'
import { RoomShares } from './zone/load/roomShares.ts'
import { SaveBatches } from './zone/residents/saveBatches.ts'
import type { Watch, ZoneServices } from './zone/services.ts'

export interface GameServerOptions {
  /** Room class for each map; `default` is used for maps that have no class of their own. */
  rooms: Record<MapName | 'default', ZoneRoomClass>
  agones: Agones
  directory: Directory
  store: Store & { economy?: Economy }
  /** Public keys that verify tickets. */
  ticketKeys: readonly CryptoKey[]
  /** Keys that the tickets of moves are sealed for. */
  sealKeys: SealKeys
  host: string
  port: number
  probePort: number
  /** `wss` with a certificate, or when a proxy in front of the server terminates TLS. */
  scheme: 'ws' | 'wss'
  /** When set, this process terminates TLS. */
  certificate?: Certificate | undefined
  /** Limits for all clients of one address. */
  perAddress: AddressRates
  /** Addresses and CIDRs of trusted proxies, separated by commas: their `x-forwarded-for` gives the client's address. */
  trustProxy?: string | undefined
  /** Template of the public address, such as "{node}.play.example.com:{port}". Default: the address and port from Agones. */
  addressTemplate?: string | undefined
  /** Name of the node that this server runs on, for the `{node}` placeholder. */
  node?: string | undefined
  /** Region of this server. Default: Agones' label. */
  region?: Region | undefined
  /** Time in ms that the orchestrator has to move players away at shutdown. The remaining players are then saved and disconnected. */
  drainDeadlineMs: number
  /** How long a body stays after its client disconnected. Default: 10 s. */
  graceMs?: DurationMs | undefined
  /** Limits, history and moderation of the chat. */
  chat?: ChatOptions | undefined
  /** Where friends and further blocks come from, when they live elsewhere (`SOCIAL_SOURCE=http`). The store asks it, too. */
  graph?: StudioGraph | undefined
  log: Logger
  /** Names a hook that never returns. */
  watchdog?: Watch | undefined
  /** Metrics of the parts that were made before the server, too. */
  registry?: Registry
  clock?: Clock
  random?: Random
}

export interface GameServer extends AsyncDisposable {
  readonly id: string
}

/** Interval in ms between two reads of the directory. Events trigger a read earlier. */
const POLL_EVERY_MS = 1_000
/** Interval in ms between two reads of all profiles for the chat. The message about a change is sent once, so it may be lost. */
const PROFILES_EVERY_MS = 30_000
/** Copies that a server hosts at most when its fleet defines no `rooms` counter. */
const ROOMS_WITHOUT_COUNTER = 1

/**
 * Starts one game server: it hosts rooms, reports itself to the directory and follows its state in Agones. Disposing the server drains it: it
 * reports that it drains, takes no new copies, waits until the orchestrator has moved all players away or the deadline has passed, saves and
 * disconnects the remaining players, and asks Agones to shut it down.
 */
export async function startGameServer(options: GameServerOptions): Promise<GameServer> {
  const { log, clock = { now: Date.now }, random = Math.random, registry = createRegistry('gameserver') } = options
  const agones = measured(options.agones, agonesCalls(registry))
  const directory = measuredDirectory(options.directory, registry)
  const store = measuredStore(options.store, registry)
  const self = await agones.gameServer()
  clockGauge(registry, directory)
  await using starting = new AsyncDisposableStack()
  const chat = starting.use(await ChatHub.open({ directory, store, clock, log, metrics: createChatMetrics(registry) }, options.chat))
  const violations = starting.use(new ViolationLog({ store, now: () => clock.now(), log, registry }))
  const rooms: ZoneServices['rooms'] = new Map()
  const profiles = starting.use(new LiveProfiles({ store, rooms, log }))
  const metrics = createGameServerMetrics(registry)
  const services: ZoneServices = {
    server: self.name,
    clock,
    random,
    log,
    directory,
    store,
    ...defined({ economy: store.economy, graceMs: options.graceMs }),
    // A getter, because keys rotate while this process runs.
    get ticketKeys() {
      return options.ticketKeys
    },
    tickets: new TicketBook(),
    sealKeys: options.sealKeys,
    chat,
    metrics,
    saves: starting.use(new SaveBatches({ store, clock, random, log, metrics })),
    violations,
    shares: new RoomShares(),
    ...defined({ watchdog: options.watchdog }),
    rooms,
    profiles,
  }
  let [draining, marked] = [false, false]
  let state: string | undefined
  const players = starting.use(await listenForPlayers(options.rooms, services, options))
  const report = (): Promise<void> => {
    const load = reportLoad(services)
    const status = { draining, ...defined({ leavesBy: services.leavesBy, load: load === 0 ? undefined : load }), beat: clock.now() }
    return directory.reportServer(reportOf(options, self, players.port, status))
  }
  const reconciler = new CopyReconciler(services, {
    address: addressOf(options, self, players.port),
    roomName: players.roomName,
    draining: () => draining,
    announce: report,
  })
  const ready = async (): Promise<void> => {
    await Promise.all([store.ping(AbortSignal.timeout(2_000)), directory.ping()])
    if (draining) throw new Error('draining')
  }
  const probes = createHttp(log, { registry, ready }, { access: gameServerAccess })
  starting.defer(() => probes.close())
  await probes.listen({ host: options.host, port: options.probePort })

  const heartbeat = starting.use(new PeriodicTask('reporting this server to the directory', SERVER_BEAT_MS, log, report))
  const copies = starting.use(
    new PeriodicTask('reconciling copies', POLL_EVERY_MS, log, async () => {
      await reconciler.reconcile()
      agones.setCounter('rooms', services.rooms.size)
      agones.setCounter(
        'players',
        [...services.rooms.values()].reduce((sum, room) => sum + room.population, 0),
      )
      if (draining && marked && services.rooms.size === 0) await agones.shutdown()
    }),
  )
  const mailbox = starting.use(new PeriodicTask('reading move orders', POLL_EVERY_MS, log, () => readMailbox(services)))
  const profilesChanged = (characters: readonly CharacterId[]): void => {
    chat.refresh(characters).catch((error: unknown) => log.warn({ err: error }, 'could not read changed profiles for the chat; they are read again soon'))
  }
  if (options.graph !== undefined) {
    const changed = (characters: readonly CharacterId[]): void => {
      profiles.changed(characters)
      profilesChanged(characters)
    }
    starting.use(watchRelations(options.graph, { people: () => chat.people(), changed, log }))
  }
  starting.use(new PeriodicTask('reading the profiles for the chat', PROFILES_EVERY_MS, log, () => chat.refresh('all')))
  const onEvent = eventHandler({ reconciler, copies, mailbox, services, profiles, profilesChanged })
  const own = { state: () => state, allocate: () => agones.allocate() }
  const allocation = starting.use(new PeriodicTask('staying allocated', POLL_EVERY_MS, log, () => keepAllocated(services, own)))
  const watching = new AbortController()
  const watched = watchDirectory({ directory, server: self.name, log, onEvent }, watching.signal)
  starting.defer(async () => {
    watching.abort()
    await watched
  })

  const drain = (reason: string): void => {
    if (draining) return
    draining = true
    log.info({ reason, copies: services.rooms.size }, 'draining')
    heartbeat.wake()
  }
  starting.defer(
    agones.onChange((server) => {
      marked = server.marked
      if (server.state !== state) allocation.wake()
      state = server.state
      if (marked) drain('Agones marked this server for draining')
    }),
  )
  // As late as possible: a process that ends before it is Ready is started again in its pod, under the same name.
  const onLost = (): void => drain('another process is registered under the name of this server')
  starting.use(await keepRegistered({ store, server: self.name, publicKey: options.sealKeys.publicKey, log, onLost }))
  await agones.ready()
  log.info({ server: self.name, fleet: self.fleet, port: players.port }, 'ready')
  const running = starting.move()

  return {
    id: self.name,
    async [Symbol.asyncDispose]() {
      services.leavesBy = clock.now() + options.drainDeadlineMs
      drain('the process is stopping')
      // Report again even when the server was already draining: `leavesBy` is new.
      heartbeat.wake()
      await waitUntilEmpty(services, options.drainDeadlineMs)
      await closeRooms(services, reconciler)
      await running.disposeAsync()
      await directory.removeServer(self.name).catch((error: unknown) => log.warn({ err: error }, 'could not remove this server from the directory'))
      await agones.shutdown().catch((error: unknown) => log.warn({ err: error }, 'could not ask Agones to shut this server down'))
    },
  }
}

function addressOf({ scheme, addressTemplate, node = '', host }: GameServerOptions, self: AgonesGameServer, port: number): string {
  // Players reach the address and port that Agones reports. A server outside a cluster has none and uses its own.
  const parts = { node, server: self.name, host: self.host === '' ? host : self.host, port: self.port === 0 ? port : self.port }
  return publicAddress(scheme, addressTemplate, parts)
}

type Status = Pick<ServerReport, 'draining' | 'leavesBy' | 'load' | 'beat'>

function reportOf(options: GameServerOptions, self: AgonesGameServer, port: number, status: Status): ServerReport {
  return {
    id: self.name,
    fleet: self.fleet,
    address: addressOf(options, self, port),
    rooms: self.counters['rooms']?.capacity ?? ROOMS_WITHOUT_COUNTER,
    protocol: PROTOCOL_RANGE,
    ...defined({ region: options.region ?? self.region }),
    ...status,
  }
}
