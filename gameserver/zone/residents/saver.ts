import type { Instant } from '../../../model/clock.ts'
import type { Epoch } from '../../../model/ids.ts'
import { control, type SavingMessage } from '../../../model/wire/room.ts'
import type { Logger } from '../../../service/log.ts'
import type { ZoneCore } from '../core.ts'
import { KeyedMutex } from './keyedMutex.ts'
import type { Resident } from './resident.ts'
import type { Residents } from './residents.ts'

/** Mean interval in ms between saves. A crash loses at most this much play, plus the jitter (rule D2). */
const SAVE_EVERY_MS = 5_000
/** Random offset in ms, added to or subtracted from each interval, so that the rooms of all servers do not save at the same moment. */
const JITTER_MS = 1_000

/**
 * Periodically saves all live characters of a room in one statement. While the database is slow or down, players go on and receive a notice that saving is
 * late; the next successful save contains everything. Entering, moves and trades fail meanwhile. At most one statement per room is in flight, so that
 * a slow database gets no extra load.
 */
export class Saver<State, Input> implements Disposable {
  readonly #core: ZoneCore<State, Input>
  readonly #residents: Residents<State, Input>
  readonly #log: Logger
  readonly #statements = new KeyedMutex<'room'>()
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #savedAt: Instant
  #late = false

  constructor(core: ZoneCore<State, Input>, residents: Residents<State, Input>) {
    this.#core = core
    this.#residents = residents
    this.#log = core.log
    this.#savedAt = core.services.clock.now()
    this.#schedule()
  }

  #schedule(): void {
    const jitter = (this.#core.services.random() * 2 - 1) * JITTER_MS
    this.#timer = setTimeout(async () => {
      await this.save()
      if (!this.#stopped) this.#schedule()
    }, SAVE_EVERY_MS + jitter)
  }

  save(): Promise<void> {
    return this.#statements.run('room', () => this.#saveAll())
  }

  async #saveAll(): Promise<void> {
    const live = [...this.#residents].filter(({ phase }) => phase === 'live')
    const { store, metrics, clock } = this.#core.services
    const now = clock.now()
    if (live.length === 0) {
      this.#savedAt = now
      return
    }
    const stop = metrics.saveSeconds.startTimer()
    try {
      const saves = live.map((resident) => this.#residents.saveOf(resident))
      const stale = new Set(await store.saveMany(saves))
      stop()
      this.#savedAt = now
      if (this.#late) this.#sendStatus(false)
      metrics.saves.inc({ result: 'saved' }, saves.length - stale.size)
      metrics.saves.inc({ result: 'stale' }, stale.size)
      for (const [index, resident] of live.entries()) {
        const epoch = saves[index]?.epoch
        // The database also refuses a character that was frozen or released meanwhile. Its move handles it.
        if (stale.has(resident.character) && resident.phase === 'live' && epoch !== undefined) void this.#refused(resident, epoch)
      }
    } catch (error) {
      this.#sendStatus(true)
      metrics.saves.inc({ result: 'failed' }, live.length)
      this.#log.error({ err: error, characters: live.length }, 'could not save the characters of a room; trying again with the next save')
    }
  }

  /**
   * The database refused the save because the epoch is stale. The character is live elsewhere and is removed (rule S2), unless a login into this room
   * took the body over during the save. In that case it is saved again now, so that it does not stay unsaved for another interval (rule D2).
   */
  async #refused(resident: Resident<State, Input>, epoch: Epoch): Promise<void> {
    await this.#residents.fence(resident, epoch)
    if (resident.phase !== 'live' || resident.epoch === epoch) return
    const { store, metrics } = this.#core.services
    try {
      const stale = await this.#statements.run('room', () => store.saveMany([this.#residents.saveOf(resident)]))
      metrics.saves.inc({ result: stale.length === 0 ? 'saved' : 'stale' })
    } catch (error) {
      this.#log.warn({ err: error, character: resident.character }, 'could not save a character after a second login; trying again with the next save')
    }
  }

  /** Tells all clients whether saving is late. Repeated at each failure, for players who entered since the last one. */
  #sendStatus(late: boolean): void {
    this.#late = late
    const message: SavingMessage = { late, since: this.#savedAt }
    for (const { connection } of this.#residents) connection?.send(control.saving, message)
  }

  [Symbol.dispose](): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }
}
