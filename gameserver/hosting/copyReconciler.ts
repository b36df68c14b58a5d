import { matchMaker } from '@colyseus/core'
import type { DirectoryEvent, MapSnapshot } from '../../directory/directory.ts'
import { readMaps } from '../../directory/readMaps.ts'
import { type Address, type Copy, openedCopy } from '../../model/copy.ts'
import { defined } from '../../model/defined.ts'
import { catalogue } from '../../model/errors.ts'
import type { CharacterId, CopyId, InstanceKey, MapName } from '../../model/ids.ts'
import type { Seat } from '../../model/seat.ts'
import type { HostedRoom, ZoneServices } from '../zone/services.ts'
import { type HostingAction, planHosting } from './planHosting.ts'

/** Creates the room of a copy. The room adds itself to `services.rooms`. */
export type CreateRoom = (name: string, options: { copy: CopyId; map: MapName; instanceKey?: InstanceKey }) => Promise<unknown>

/** Interval in ms between two reads of all maps. Maps without a copy here are read only then, because an order to open one also arrives as an event. */
const FULL_READ_EVERY_MS = 5_000
/** Interval in ms between two audits of seats and presence. A seat or presence in transit settles within this time. */
const AUDIT_EVERY_MS = 5_000

/**
 * Makes the rooms of this process match the copies that the directory assigns to it. Level-triggered: each round reads the directory again, and
 * events only start a round earlier.
 */
export class CopyReconciler {
  readonly #services: ZoneServices
  readonly #address: Address
  readonly #roomName: (map: MapName) => string | undefined
  readonly #draining: () => boolean
  readonly #announce: () => Promise<void>
  readonly #createRoom: CreateRoom
  /** Copies that are open here, as last read from the directory. Restored from here when the directory has lost them (rule D1). */
  readonly #known = new Map<CopyId, Copy>()
  /** Maps for which an event named a copy of this server. The next round reads them, even when no copy of the map is hosted here yet. */
  #ordered = new Set<MapName>()
  #suspects = new Set<string>()
  #fullReadAt = 0
  #auditAt = 0
  /** Events were lost, and perhaps writes of the directory with them: the next round writes missing presences without waiting for the audit. */
  #afterGap = false

  /** `announce` reports this server to the directory; `createRoom` is Colyseus' by default. */
  constructor(
    services: ZoneServices,
    options: {
      address: Address
      roomName: (map: MapName) => string | undefined
      draining: () => boolean
      announce: () => Promise<void>
      createRoom?: CreateRoom
    },
  ) {
    this.#services = services
    this.#address = options.address
    this.#roomName = options.roomName
    this.#draining = options.draining
    this.#announce = options.announce
    this.#createRoom = options.createRoom ?? ((name, room) => matchMaker.createRoom(name, room))
  }

  /** Records what the next round has to read. Returns `true` when the event concerns the copies of this server, so that a round should run now. */
  noteEvent(event: DirectoryEvent): boolean {
    if (event.type === 'gap') {
      this.#fullReadAt = 0
      this.#afterGap = true
      // The next round is soon enough, and the rounds of all servers are spread over a second.
      return false
    }
    if (event.type === 'copy') {
      if (event.copy.server !== this.#services.server) return false
      this.#ordered.add(event.map)
      return true
    }
    return event.type === 'copyRemoved' && this.#known.has(event.copy)
  }

  /** Runs one round: reads the directory and applies the difference. A failed action does not prevent the others. */
  async reconcile(): Promise<void> {
    const { directory, clock, rooms, server } = this.#services
    const now = clock.now()
    const hostedMaps = [...this.#known.values()].map(({ map }) => map)
    const full = now - this.#fullReadAt >= FULL_READ_EVERY_MS
    // A copy that is ordered while this round reads belongs to the next round. If this round fails, the next full read finds it.
    const ordered = this.#ordered
    this.#ordered = new Set()
    const maps = new Set<MapName>([...hostedMaps, ...ordered, ...(full ? await directory.maps() : [])])
    for (const map of new Set([...hostedMaps, ...ordered])) await directory.sweepSeats(map, now)
    const listed = (map: MapName): CopyId[] => [...this.#known.values()].flatMap((copy) => (copy.map === map ? copy.id : []))
    const readAt = clock.now()
    const snapshots: MapSnapshot[] = []
    await readMaps(maps, async (map) => void snapshots.push(await directory.hosted(map, server, listed(map), full || ordered.has(map) ? 'all' : 'listed')))
    if (full) this.#fullReadAt = now
    const audit = now - this.#auditAt >= AUDIT_EVERY_MS
    if (audit) this.#auditAt = now
    const [known, draining] = [this.#known, this.#draining()]
    const { actions, suspects } = planHosting({ server, snapshots, rooms, known, draining, suspects: this.#suspects, audit, readAt })
    const presences = audit || this.#afterGap
    this.#afterGap = false
    if (audit) this.#suspects = suspects
    for (const action of actions) await this.#apply(action)
    if (presences) await this.#auditPresence()
    for (const { map, waiting } of snapshots) await this.#releaseIdle(map, waiting)
    this.#services.metrics.copies.set(rooms.size)
    this.#services.metrics.characters.set([...rooms.values()].reduce((sum, room) => sum + room.population, 0))
  }

  async #apply(action: HostingAction): Promise<void> {
    try {
      await this.#execute(action)
    } catch (error) {
      // The next round looks at all copies of the map that name this server, also at one that could not be opened.
      this.#ordered.add(action.copy.map)
      this.#services.log.error({ err: error, action: action.type, copy: action.copy.id }, 'could not reconcile a copy; trying again')
    }
  }

  /** Matchmakers find the server of a changed profile in the directory. While the directory did not list these characters, no message about a change arrived here. */
  #readAgain(seats: readonly Seat[]): void {
    this.#services.profiles.check(
      seats.map(({ character }) => character),
      'changed',
    )
  }

  async #execute(action: HostingAction): Promise<void> {
    const { directory, rooms, clock, log } = this.#services
    const { copy } = action
    const room = rooms.get(copy.id)
    switch (action.type) {
      case 'open':
        return this.#open(copy)
      case 'follow':
        this.#known.set(copy.id, copy)
        return room?.copyChanged(copy)
      case 'restore':
        log.warn({ copy: copy.id, map: copy.map }, 'the directory has lost a copy; restoring it')
        // Report the server first: the orchestrator would declare copies of a server without a recent heartbeat lost again.
        await this.#announce()
        await directory.restoreCopy({ ...copy, restored: clock.now() }, room?.seats() ?? [])
        await this.#publishPresences(room)
        return this.#readAgain(room?.seats() ?? [])
      case 'reseat': {
        // Some may have left while other actions ran.
        const here = new Set(room?.seats().map(({ character }) => character))
        const seats = action.seats.filter(({ character }) => here.has(character))
        log.warn({ copy: copy.id, seats: seats.length }, 'the directory has lost seats; writing them again')
        await directory.restoreCopy(copy, seats)
        return this.#readAgain(seats)
      }
      case 'redescribe':
        return this.#services.profiles.check(
          action.seats.map(({ character }) => character),
          'always',
          action.seats,
        )
      case 'unseat':
        return directory.freeSeat(copy.map, copy.id, action.character)
      case 'remove':
        // Close the room first, so that nobody can enter a copy that the directory does not list any more.
        this.#known.delete(copy.id)
        await room?.close(catalogue.COPY_UNKNOWN.close)
        return directory.removeCopy(copy.map, copy.id)
      case 'abandon':
        this.#known.delete(copy.id)
        return room?.close(catalogue.COPY_UNKNOWN.close)
    }
  }

  async #open(copy: Copy): Promise<void> {
    const { directory, rooms, clock, log } = this.#services
    const name = this.#roomName(copy.map)
    if (name === undefined) {
      log.error({ copy: copy.id, map: copy.map }, 'this server has no room class for the map of a copy')
      return directory.removeCopy(copy.map, copy.id)
    }
    if (!rooms.has(copy.id)) await this.#createRoom(name, defined({ copy: copy.id, map: copy.map, instanceKey: copy.instanceKey }))
    const open = openedCopy(copy, this.#address, clock.now(), rooms.get(copy.id)?.states)
    this.#known.set(copy.id, open)
    rooms.get(copy.id)?.copyChanged(open)
    if (await directory.changeCopy(open, 'opening')) return log.info({ copy: copy.id, map: copy.map }, 'copy open')
    // The order to open this copy was withdrawn in the meantime.
    this.#known.delete(copy.id)
    await rooms.get(copy.id)?.close(catalogue.COPY_UNKNOWN.close)
  }

  /** Tells the rooms of a map how many players wait in line. The first place in line carries the idle limit of the map's policy. */
  async #releaseIdle(map: MapName, waiting: number): Promise<void> {
    const { directory, rooms, clock } = this.#services
    const own = [...this.#known.values()].flatMap((copy) => (copy.map === map ? (rooms.get(copy.id) ?? []) : []))
    if (own.length === 0) return
    const [first] = waiting > 0 ? await directory.lineHead(map, 1, clock.now()) : []
    const afterMs = first?.idleReleaseMs
    for (const room of own) room.releaseIdle(afterMs === undefined ? undefined : { waiting, afterMs })
  }

  async #publishPresences(room: HostedRoom | undefined): Promise<void> {
    await Promise.all((room?.presences() ?? []).map((presence) => this.#services.directory.setPresence(presence)))
  }

  async #auditPresence(): Promise<void> {
    const { directory, rooms } = this.#services
    for (const room of rooms.values()) {
      const live = room.presences()
      if (live.length === 0) continue
      const listed = await directory.presence(live.map(({ character }): CharacterId => character))
      for (const presence of live) {
        const known = listed.get(presence.character)
        if (known !== undefined && known.epoch >= presence.epoch) room.claimSeen(known)
        // A character may have left while this loop awaited earlier writes; its presence must not be written again.
        else if (room.presences().some(({ character, epoch }) => character === presence.character && epoch === presence.epoch))
          await directory.setPresence(presence)
      }
    }
  }

  /** Copies that run here. */
  hosted(): Copy[] {
    return [...this.#known.values()]
  }
}
