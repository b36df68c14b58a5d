import type { Clock, DurationMs, Instant } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, Epoch } from '../../../model/ids.ts'
import type { Random } from '../../../model/random.ts'
import type { Logger } from '../../../service/log.ts'
import type { Save } from '../../../store/claims.ts'
import type { Store } from '../../../store/store.ts'
import type { GameServerMetrics } from '../../metrics.ts'
import { KeyedMutex } from './keyedMutex.ts'

/** Mean interval in ms between two batches. A longer one saves fewer statements, and saves characters that much earlier than they have to be. */
const BATCH_EVERY_MS: DurationMs = 5_000
/** Random offset in ms, added to or subtracted from each interval, so that servers that were started together do not save at the same moment. */
const JITTER_MS: DurationMs = 1_000
/** Time in ms from `soon` to its batch, so that the loot of a party is one statement. */
const SOON_MS: DurationMs = 100
/** Most characters in one statement. At 4 kB a state, 250 are 1 MB, which PostgreSQL writes well within the deadline of a statement. */
const ROWS_MAX = 250

/** What a room has to save now. */
export interface DueSaves {
  /** States that differ from what the database has. */
  saves: readonly Save[]
  /** Characters whose state is as the database has it. It is asked only whether this server still holds them (rule S2). */
  unchanged: readonly Hold[]
  /** Characters whose turn has not come. They are asked for in the same way, so that a character that was claimed elsewhere leaves within seconds. */
  waiting: readonly Hold[]
}

/** A character, and the epoch at which this server holds it. */
export interface Hold {
  character: CharacterId
  epoch: Epoch
}

export interface SavingRoom {
  /** What has to be saved before `until`. `everybody`: with the characters that wait. */
  due(until: Instant, everybody: boolean): DueSaves
  /** The database has answered. `refused`: this server does not hold these characters at their epochs any more. `failed`: these are not saved. */
  answered(due: DueSaves, refused: ReadonlySet<CharacterId>, failed: ReadonlySet<CharacterId>): void
}

export interface SaveServices {
  store: Pick<Store, 'saveMany' | 'notHeld'>
  clock: Clock
  random: Random
  log: Pick<Logger, 'error' | 'warn'>
  metrics: Pick<GameServerMetrics, 'saveSeconds'>
}

/**
 * Saves the characters of all rooms of a process: every five seconds those that are due, in one statement. At most one statement is in flight, so that a slow
 * database gets no extra load. A state that the database refuses fails alone: the batch is divided until it is found.
 */
export class SaveBatches implements Disposable {
  readonly #services: SaveServices
  readonly #rooms = new Set<SavingRoom>()
  readonly #statements = new KeyedMutex<'batch'>()
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined
  #stopped = false

  constructor(services: SaveServices) {
    this.#services = services
    this.#schedule()
  }

  /** Saves the room's characters from now on, until the result is disposed. */
  add(room: SavingRoom): Disposable {
    this.#rooms.add(room)
    return { [Symbol.dispose]: () => void this.#rooms.delete(room) }
  }

  /** Saves what is due now within SOON_MS, or directly after the batch that is in flight. */
  soon(): void {
    if (this.#stopped) return
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      void this.save(this.#services.clock.now())
    }, SOON_MS)
  }

  /** Saves what has to be saved before `until`. `everybody`: asks for all other characters whether this server still holds them. */
  save(until: Instant, everybody = false): Promise<void> {
    return this.#statements.run('batch', () => this.#saveDue(until, everybody))
  }

  #schedule(): void {
    const jitter = (this.#services.random() * 2 - 1) * JITTER_MS
    this.#timer = setTimeout(async () => {
      await this.save(this.#services.clock.now() + BATCH_EVERY_MS + JITTER_MS, true)
      if (!this.#stopped) this.#schedule()
    }, BATCH_EVERY_MS + jitter)
  }

  async #saveDue(until: Instant, everybody: boolean): Promise<void> {
    const rooms = [...this.#rooms].map((room) => ({ room, due: room.due(until, everybody) }))
    const saves = rooms.flatMap(({ due }) => due.saves)
    const held = rooms.flatMap(({ due }) => [...due.unchanged, ...due.waiting])
    const [refused, failed] = [new Set<CharacterId>(), new Set<CharacterId>()]
    const stop = saves.length === 0 ? undefined : this.#services.metrics.saveSeconds.startTimer()
    for (let from = 0; from < saves.length; from += ROWS_MAX) await this.#write(saves.slice(from, from + ROWS_MAX), refused, failed)
    stop?.()
    await this.#check(held, refused)
    for (const { room, due } of rooms) if (due.saves.length + due.unchanged.length + due.waiting.length > 0) room.answered(due, refused, failed)
  }

  async #write(saves: readonly Save[], refused: Set<CharacterId>, failed: Set<CharacterId>): Promise<void> {
    const { store, log } = this.#services
    try {
      for (const character of await store.saveMany(saves)) refused.add(character)
    } catch (error) {
      const outage = error instanceof StrataError && error.code === 'DEPENDENCY_DOWN'
      if (outage || saves.length === 1) {
        for (const { character } of saves) failed.add(character)
        log.error({ err: error, characters: saves.length, first: saves[0]?.character }, 'could not save characters; trying again with the next batch')
        return
      }
      const half = Math.ceil(saves.length / 2)
      await this.#write(saves.slice(0, half), refused, failed)
      await this.#write(saves.slice(half), refused, failed)
    }
  }

  async #check(held: readonly Hold[], refused: Set<CharacterId>): Promise<void> {
    if (held.length === 0) return
    try {
      for (const character of await this.#services.store.notHeld(held)) refused.add(character)
    } catch (error) {
      this.#services.log.warn({ err: error }, 'could not ask whether this server still holds its characters; the next batch asks again')
    }
  }

  [Symbol.dispose](): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    clearTimeout(this.#soon)
  }
}
