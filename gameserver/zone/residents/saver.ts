import type { Instant } from '../../../model/clock.ts'
import type { Epoch } from '../../../model/ids.ts'
import { control, type SavingMessage } from '../../../model/wire/room.ts'
import type { Logger } from '../../../service/log.ts'
import type { ZoneCore } from '../core.ts'
import { InTurn } from './inTurn.ts'
import type { Resident } from './resident.ts'
import type { Residents } from './residents.ts'

/** A crash costs at most this much play (rule D2), and a bit: the rooms of all servers must not save in step. */
const SAVE_EVERY_MS = 5_000
const JITTER_MS = 1_000

/**
 * Saves all live characters of a room in one statement, again and again. While the database is slow or away everybody plays
 * on and is told that saving is late; the next save has all of it. What needs the database at once (entering, moves, trades)
 * is refused meanwhile. One statement a room is under way at most: a slow database is not pressed.
 */
export class Saver<State, Input> implements Disposable {
  readonly #core: ZoneCore<State, Input>
  readonly #residents: Residents<State, Input>
  readonly #log: Logger
  readonly #statements = new InTurn<'room'>()
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
    try {
      const saves = live.map((resident) => this.#residents.saveOf(resident))
      const stale = new Set(await store.saveMany(saves))
      this.#savedAt = now
      if (this.#late) this.#tell(false)
      metrics.saves.inc({ result: 'saved' }, saves.length - stale.size)
      metrics.saves.inc({ result: 'stale' }, stale.size)
      for (const [index, resident] of live.entries()) {
        const epoch = saves[index]?.epoch
        // One that was frozen or released meanwhile is refused too, and rightly stays.
        if (stale.has(resident.character) && resident.phase === 'live' && epoch !== undefined) void this.#refused(resident, epoch)
      }
    } catch (error) {
      this.#tell(true)
      metrics.saves.inc({ result: 'failed' }, live.length)
      this.#log.error({ err: error, characters: live.length }, 'characters were not saved; trying again soon')
    }
  }

  /**
   * Characters whose epoch is stale went live elsewhere: they are let go (rule S2). Unless a login into this copy took the body over while the
   * save was under way: what it has done since the last one is saved now, and not only the next time (rule D2).
   */
  async #refused(resident: Resident<State, Input>, epoch: Epoch): Promise<void> {
    await this.#residents.fence(resident, epoch)
    if (resident.phase !== 'live' || resident.epoch === epoch) return
    const { store, metrics } = this.#core.services
    try {
      const stale = await this.#statements.run('room', () => store.saveMany([this.#residents.saveOf(resident)]))
      metrics.saves.inc({ result: stale.length === 0 ? 'saved' : 'stale' })
    } catch (error) {
      this.#log.warn({ err: error, character: resident.character }, 'a character that was taken over was not saved; it is with the others')
    }
  }

  /** Again at each failure: somebody may have come meanwhile. */
  #tell(late: boolean): void {
    this.#late = late
    const message: SavingMessage = { late, since: this.#savedAt }
    for (const { connection } of this.#residents) connection?.send(control.saving, message)
  }

  [Symbol.dispose](): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }
}
