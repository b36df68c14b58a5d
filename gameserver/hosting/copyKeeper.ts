import { matchMaker } from '@colyseus/core'
import type { DirectoryEvent } from '../../directory/directory.ts'
import { type Address, type Copy, openedCopy } from '../../model/copy.ts'
import { catalogue } from '../../model/errors.ts'
import type { CharacterId, CopyId, MapName } from '../../model/ids.ts'
import type { HostedRoom, ZoneServices } from '../zone/services.ts'
import { type HostingAction, planHosting } from './planHosting.ts'

/** Makes the room of a copy; it enters itself into `services.rooms`. */
export type CreateRoom = (name: string, options: { copy: CopyId; map: MapName }) => Promise<unknown>

/** Maps without a copy here are looked at so seldom: the order to open one comes as an event. */
const FULL_LOOK_EVERY_MS = 5_000
/** A taken seat without a character, and a character without presence, may be on the way for so long. */
const AUDIT_EVERY_MS = 5_000

/**
 * Makes the copies that this process hosts be those that the directory names for it: level-triggered, by reading anew.
 * Events only say "look again".
 */
export class CopyKeeper {
  readonly #services: ZoneServices
  readonly #address: Address
  readonly #roomName: (map: MapName) => string | undefined
  readonly #draining: () => boolean
  readonly #announce: () => Promise<void>
  readonly #createRoom: CreateRoom
  /** Copies that were open here, as the directory last had them: what is put back when it forgot (rule D1). */
  readonly #known = new Map<CopyId, Copy>()
  /** Maps of which a copy was ordered here, to be looked at next though there may be none of them here yet. */
  #ordered = new Set<MapName>()
  #suspects = new Set<string>()
  #fullAt = 0
  #auditAt = 0

  /** `announce` tells the directory of this server; `createRoom` is Colyseus' own, unless rooms run without it. */
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

  /** Takes note of an event; `true`: it concerns the copies of this server, which are to be looked at. */
  hear(event: DirectoryEvent): boolean {
    if (event.type === 'gap') {
      this.#fullAt = 0
      return true
    }
    if (event.type === 'copy') {
      if (event.copy.server !== this.#services.server) return false
      this.#ordered.add(event.map)
      return true
    }
    return event.type === 'copyRemoved' && this.#known.has(event.copy)
  }

  /** One round: reads, and applies the difference. A failure of one action does not keep the others from being done. */
  async look(): Promise<void> {
    const { directory, clock, rooms, server } = this.#services
    const now = clock.now()
    const hostedMaps = [...this.#known.values()].map(({ map }) => map)
    const full = now - this.#fullAt >= FULL_LOOK_EVERY_MS
    // What is ordered while this round reads is for the next one; should this one fail, the full look finds it.
    const ordered = this.#ordered
    this.#ordered = new Set()
    const maps = new Set<MapName>([...hostedMaps, ...ordered, ...(full ? await directory.maps() : [])])
    for (const map of maps) await directory.sweepSeats(map, now)
    const snapshots = await Promise.all([...maps].map((map) => directory.snapshot(map)))
    if (full) this.#fullAt = now
    const audit = now - this.#auditAt >= AUDIT_EVERY_MS
    if (audit) this.#auditAt = now
    const { actions, suspects } = planHosting({ server, snapshots, rooms, known: this.#known, draining: this.#draining(), suspects: this.#suspects, audit })
    if (audit) this.#suspects = suspects
    for (const action of actions) await this.#apply(action)
    if (audit) await this.#auditPresence()
    for (const { map, waiting } of snapshots) await this.#makeRoom(map, waiting)
    this.#services.metrics.copies.set(rooms.size)
    this.#services.metrics.characters.set([...rooms.values()].reduce((sum, room) => sum + room.population, 0))
  }

  async #apply(action: HostingAction): Promise<void> {
    try {
      await this.#do(action)
    } catch (error) {
      this.#services.log.error({ err: error, action: action.type, copy: action.copy.id }, 'a copy could not be kept in step; trying again')
    }
  }

  async #do(action: HostingAction): Promise<void> {
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
        log.warn({ copy: copy.id, map: copy.map }, 'the directory had lost a copy: putting it back')
        // First: copies of a server that seems to be silent would be given up again at once, as often as they are put back.
        await this.#announce()
        await directory.restoreCopy({ ...copy, restored: clock.now() }, room?.seats() ?? [])
        return this.#tellPresence(room)
      case 'reseat':
        return directory.restoreCopy(copy, action.seats)
      case 'unseat':
        return directory.freeSeat(copy.map, copy.id, action.character)
      case 'remove':
        // The room first: nobody may come into a copy that is on its way out.
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
      log.error({ copy: copy.id, map: copy.map }, 'this server has no room for that map')
      return directory.removeCopy(copy.map, copy.id)
    }
    if (!rooms.has(copy.id)) await this.#createRoom(name, { copy: copy.id, map: copy.map })
    const open = openedCopy(copy, this.#address, clock.now(), rooms.get(copy.id)?.states)
    this.#known.set(copy.id, open)
    if (await directory.changeCopy(open, 'opening')) return log.info({ copy: copy.id, map: copy.map }, 'copy open')
    // Somebody took the order back in the meantime.
    this.#known.delete(copy.id)
    await rooms.get(copy.id)?.close(catalogue.COPY_UNKNOWN.close)
  }

  /** What the policy says of those who stand idle comes with the place of whoever waits first. */
  async #makeRoom(map: MapName, waiting: number): Promise<void> {
    const { directory, rooms, clock } = this.#services
    const own = [...this.#known.values()].flatMap((copy) => (copy.map === map ? (rooms.get(copy.id) ?? []) : []))
    if (own.length === 0) return
    const [first] = waiting > 0 ? await directory.lineHead(map, 1, clock.now()) : []
    const afterMs = first?.idleReleaseMs
    for (const room of own) room.makeRoom(afterMs === undefined ? undefined : { waiting, afterMs })
  }

  async #tellPresence(room: HostedRoom | undefined): Promise<void> {
    await Promise.all((room?.presences() ?? []).map((presence) => this.#services.directory.setPresence(presence)))
  }

  async #auditPresence(): Promise<void> {
    const { directory, rooms } = this.#services
    for (const room of rooms.values()) {
      const live = room.presences()
      if (live.length === 0) continue
      const told = await directory.presence(live.map(({ character }): CharacterId => character))
      for (const presence of live) {
        const known = told.get(presence.character)
        if (known !== undefined && known.epoch >= presence.epoch) room.claimSeen(known)
        // Nothing is said of those who have gone while others were told of.
        else if (room.presences().some(({ character, epoch }) => character === presence.character && epoch === presence.epoch))
          await directory.setPresence(presence)
      }
    }
  }

  /** Copies that run here, for the end of the process. */
  hosted(): Copy[] {
    return [...this.#known.values()]
  }
}
