import type { DurationMs } from '../../../model/clock.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { SeatHolder } from '../../../model/seat.ts'
import type { Logger } from '../../../service/log.ts'
import type { Store } from '../../../store/store.ts'
import type { SeatWrite, ZoneServices } from '../../zone/services.ts'

/** Characters per statement. */
const BATCH = 500
/** Delay in ms before the profile of a character that entered is read. It lets one statement serve all who enter in this time. */
const GATHER_MS: DurationMs = 300
/** Delay in ms before a failed reading is repeated. */
const RETRY_MS: DurationMs = 500

/** Ordered by how often the seat is written, least first. */
const WRITES: readonly SeatWrite[] = ['never', 'changed', 'always']

export interface LiveProfilesParts {
  store: Pick<Store, 'profiles'>
  rooms: ZoneServices['rooms']
  log: Logger
}

/** Reads the profiles of characters that are live on this server, and hands them to the rooms. A failed reading is repeated until it succeeds. */
export class LiveProfiles implements AsyncDisposable {
  readonly #parts: LiveProfilesParts
  readonly #pending = new Map<CharacterId, SeatWrite>()
  /** The holders in the seats of pending characters, for those that a matchmaker has sent. */
  readonly #seats = new Map<CharacterId, SeatHolder>()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #stopped = false

  constructor(parts: LiveProfilesParts) {
    this.#parts = parts
  }

  check(characters: readonly CharacterId[], write: SeatWrite, seats: readonly SeatHolder[] = []): void {
    for (const character of characters) this.#add(character, write)
    for (const seat of seats) this.#seats.set(seat.character, seat)
    this.#schedule(GATHER_MS)
  }

  /** A matchmaker says that profiles changed, and has written the seats: reads these profiles at once. */
  changed(characters: readonly CharacterId[], seats: readonly SeatHolder[] = []): void {
    for (const character of characters) this.#add(character, 'never')
    for (const seat of seats) this.#seats.set(seat.character, seat)
    this.#schedule(0)
  }

  /** Reads the profiles of all characters here, because messages of matchmakers may be lost. */
  checkAll(): void {
    const seats = [...this.#parts.rooms.values()].flatMap((room) => room.seats())
    this.check(
      seats.map(({ character }) => character),
      'changed',
    )
  }

  /** When there are two reasons to read a profile, the one that writes more counts. */
  #add(character: CharacterId, write: SeatWrite): void {
    const before = this.#pending.get(character) ?? 'never'
    this.#pending.set(character, WRITES.indexOf(before) > WRITES.indexOf(write) ? before : write)
  }

  #schedule(afterMs: DurationMs): void {
    if (this.#stopped || this.#running !== undefined || this.#pending.size === 0) return
    if (this.#timer !== undefined && afterMs > 0) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#running = this.#read().then((afterMs) => {
        this.#running = undefined
        this.#schedule(afterMs)
      })
    }, afterMs)
  }

  /** Reads one batch. Returns the delay before the next. */
  async #read(): Promise<DurationMs> {
    const { store, rooms, log } = this.#parts
    const batch = new Map([...this.#pending].slice(0, BATCH))
    // Removed before the reading: a change during it is read again.
    const seats = new Map([...this.#seats].filter(([character]) => batch.has(character)))
    for (const character of batch.keys()) {
      this.#pending.delete(character)
      this.#seats.delete(character)
    }
    try {
      const profiles = new Map((await store.profiles([...batch.keys()])).map((profile) => [profile.character, profile]))
      for (const room of rooms.values()) room.profilesRead({ asked: batch, profiles, seats })
      return 0
    } catch (error) {
      log.warn({ err: error, characters: batch.size }, 'could not read profiles; trying again')
      for (const [character, write] of batch) this.#add(character, write)
      for (const [character, seat] of seats) if (!this.#seats.has(character)) this.#seats.set(character, seat)
      return RETRY_MS
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }
}
