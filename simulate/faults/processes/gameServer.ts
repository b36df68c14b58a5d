import type { CryptoKey } from 'jose'
import type { Logger } from 'pino'
import type { Directory } from '../../../directory/directory.ts'
import { CopyReconciler } from '../../../gameserver/hosting/copyReconciler.ts'
import { eventHandler, watchDirectory } from '../../../gameserver/hosting/directoryWatch.ts'
import { keepAllocated } from '../../../gameserver/hosting/keepAllocated.ts'
import { readMailbox } from '../../../gameserver/hosting/mailbox.ts'
import { PeriodicTask } from '../../../gameserver/hosting/periodicTask.ts'
import { LiveProfiles } from '../../../gameserver/hosting/profiles/liveProfiles.ts'
import { reportLoad } from '../../../gameserver/hosting/reportLoad.ts'
import { closeRooms, waitUntilEmpty } from '../../../gameserver/hosting/shutdown.ts'
import type { GameServerMetrics } from '../../../gameserver/metrics.ts'
import { type Admission, admit } from '../../../gameserver/zone/connection/admission.ts'
import { TicketBook } from '../../../gameserver/zone/connection/ticketBook.ts'
import { SaveBatches } from '../../../gameserver/zone/residents/saveBatches.ts'
import type { ZoneServices } from '../../../gameserver/zone/services.ts'
import type { DurationMs } from '../../../model/clock.ts'
import { defined } from '../../../model/defined.ts'
import type { ServerId } from '../../../model/ids.ts'
import type { Random } from '../../../model/random.ts'
import { PROTOCOL_RANGE, SERVER_BEAT_MS } from '../../../model/server.ts'
import type { Store } from '../../../store/store.ts'
import type { ConnectionEnd } from '../kernel/connection.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Process } from '../kernel/process.ts'
import type { Goods } from '../standins/economy.ts'
import { frame, SimClient } from './simClient.ts'
import { SimZone } from './simZone.ts'

export interface GameServerParts {
  kernel: Kernel
  process: Process
  id: ServerId
  fleet: string
  rooms: number
  directory: Directory
  store: Store
  economy: Goods
  ticketKeys: readonly CryptoKey[]
  metrics: GameServerMetrics
  random: Random
  log: Logger
  /** Whether the fleet has marked the server for draining. */
  marked(): boolean
  gone(): void
  /** The server's state in its fleet. */
  state(): string | undefined
  allocate(): Promise<void>
}

/** How long a Colyseus reservation waits for its socket, in ms. */
const RESERVED_MS = 15_000
const POLL_EVERY_MS = 1_000

/** One game server: the parts that `gameserver/server.ts` puts together, without sockets and without the Agones sidecar. */
export class SimGameServer {
  readonly process: Process
  readonly services: ZoneServices
  readonly zones = new Map<string, SimZone>()
  readonly #reserved = new Map<string, { admission: Admission; until: number }>()
  #joins = 0
  /** By how much each step of its rooms is late, in ms. */
  lateMs: DurationMs = 0
  /** Handles SIGTERM; resolves when the server is gone. */
  readonly stop: (deadlineMs: DurationMs) => Promise<void>

  constructor(parts: GameServerParts) {
    const { kernel, id, fleet, directory, store, ticketKeys, metrics, random, log } = parts
    this.process = parts.process
    const clock = kernel.clockOf(parts.process)
    const rooms: ZoneServices['rooms'] = new Map()
    const profiles = new LiveProfiles({ store, rooms, log })
    const saves = new SaveBatches({ store, clock, random, log, metrics })
    const services: ZoneServices = {
      server: id,
      clock,
      random,
      log,
      directory,
      store,
      ticketKeys,
      tickets: new TicketBook(),
      metrics,
      saves,
      rooms,
      profiles,
    }
    this.services = services
    const address = `ws://${id}`
    let draining = false
    const protocol = PROTOCOL_RANGE
    const report = (): Promise<void> => {
      const { leavesBy } = services
      const load = reportLoad(services)
      const status = { draining, ...defined({ leavesBy, load: load === 0 ? undefined : load }), beat: clock.now() }
      return directory.reportServer({ id, fleet, address, rooms: parts.rooms, protocol, ...status })
    }
    const reconciler = new CopyReconciler(services, {
      address,
      roomName: () => 'simulated',
      draining: () => draining,
      announce: report,
      createRoom: async (_name, room) => {
        const zone = new SimZone(parts.economy, () => this.lateMs)
        zone.onCreate({ ...room, services })
        this.zones.set(room.copy, zone)
      },
    })
    const heartbeat = new PeriodicTask('reporting this server to the directory', SERVER_BEAT_MS, log, report)
    const copies = new PeriodicTask('reconciling copies', POLL_EVERY_MS, log, async () => {
      draining ||= parts.marked()
      await reconciler.reconcile()
      if (draining && parts.marked() && services.rooms.size === 0) parts.gone()
    })
    const mailbox = new PeriodicTask('reading move orders', POLL_EVERY_MS, log, () => readMailbox(services))
    const onEvent = eventHandler({ reconciler, copies, mailbox, services, profiles })
    const allocation = new PeriodicTask('staying allocated', POLL_EVERY_MS, log, () => keepAllocated(services, parts))
    const watching = new AbortController()
    void watchDirectory({ directory, server: id, log, onEvent }, watching.signal)
    this.stop = async (deadlineMs) => {
      if (services.leavesBy !== undefined) return
      services.leavesBy = clock.now() + deadlineMs
      draining = true
      heartbeat.wake()
      await waitUntilEmpty(services, deadlineMs)
      await closeRooms(services, reconciler)
      watching.abort()
      saves[Symbol.dispose]()
      await Promise.all([heartbeat, copies, mailbox, allocation, profiles].map((task) => task[Symbol.asyncDispose]()))
      await directory.removeServer(id).catch(() => undefined)
      parts.gone()
    }
  }

  /** The HTTP request of a join: reserves a place in the room. */
  async reserve(copy: string, options: unknown): Promise<string> {
    const admission = await admit(this.services, options)
    if (!this.services.rooms.has(copy)) throw new Error(`room "${copy}" not found`)
    const id = `join-${++this.#joins}`
    this.#reserved.set(id, { admission, until: this.services.clock.now() + RESERVED_MS })
    return id
  }

  /** The socket of a join: takes the reserved place. */
  accept(end: ConnectionEnd, id: string, copy: string): void {
    const client = new SimClient(end)
    const reserved = this.#reserved.get(id)
    const zone = this.zones.get(copy)
    this.#reserved.delete(id)
    end.listen({
      message: (type, data) => {
        if (type === frame.joined) client.joined()
        else if (type === frame.leave) void zone?.leaveOnRequest(client)
        else zone?.frame(client, type, data)
      },
      closed: (code) => {
        client.ended()
        void zone?.clientLeft(client, code)
      },
    })
    if (reserved === undefined || zone === undefined || reserved.until <= this.services.clock.now()) client.refuse('seat reservation expired')
    else void zone.join(client, reserved.admission)
  }
}
