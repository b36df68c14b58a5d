import type { Instant } from '../../../model/clock.ts'
import type { CharacterId, Epoch } from '../../../model/ids.ts'
import { control, type SavingMessage } from '../../../model/wire/room.ts'
import type { ZoneCore } from '../core.ts'
import type { Resident } from './resident.ts'
import type { Residents, Save } from './residents.ts'
import type { DueSaves, Hold, SavingRoom } from './saveBatches.ts'
import type { StoredState } from './state/storedState.ts'

/** Share of `saveEveryMs` by which a character is saved earlier at random, so that players who entered together are saved at different times later. */
const EARLIER_SHARE = 0.2

/**
 * Time in ms after which a save is on the disk, unless the database has crashed since: saves do not wait for it (docs/decisions/0038). A state is written a
 * second time after it, so that a state that does not change any more is not lost by such a crash.
 */
const UNFLUSHED_MS = 1_000

/**
 * Says which characters of a room have to be saved: those that changed, `saveEveryMs` after their last save at most, and at once after `saveSoon`. While the
 * database is slow or down, players go on and receive a notice that saving is late; the next successful save contains everything. Entering, moves and trades
 * fail meanwhile.
 */
export class Saver<State, Input> implements SavingRoom, Disposable {
  readonly #core: ZoneCore<State, Input>
  readonly #residents: Residents<State, Input>
  readonly #added: Disposable
  /** What the batch in flight writes, and when it was read. */
  readonly #written = new Map<CharacterId, string>()
  #readAt: Instant = 0
  #late = false

  constructor(core: ZoneCore<State, Input>, residents: Residents<State, Input>) {
    this.#core = core
    this.#residents = residents
    this.#added = core.services.saves.add(this)
  }

  /** Saves the character within a tenth of a second if it has changed. */
  soon(character: CharacterId): void {
    const resident = this.#residents.get(character)
    if (resident === undefined) return
    resident.saveBy = this.#core.services.clock.now()
    this.#core.services.saves.soon()
  }

  due(until: Instant, everybody: boolean): DueSaves {
    this.#written.clear()
    this.#readAt = this.#core.services.clock.now()
    const saves: Save[] = []
    const [unchanged, waiting]: [Hold[], Hold[]] = [[], []]
    for (const resident of this.#residents) {
      resident.saveBy ??= this.#nextSave(resident.since)
      const { character, epoch, phase, saveBy } = resident
      if (phase !== 'live') continue
      if (saveBy > until) {
        if (everybody) waiting.push({ character, epoch })
        continue
      }
      // Set now: a call of `soon` while the statement is in flight brings another save.
      resident.saveBy = this.#nextSave(this.#readAt)
      const save = this.#residents.saveOf(resident)
      const text = textOf(save)
      if (resident.savedText === text && (resident.durable === true || this.#readAt - resident.savedAt < UNFLUSHED_MS)) {
        unchanged.push({ character, epoch })
        continue
      }
      this.#written.set(save.character, text)
      saves.push(save)
    }
    return { saves, unchanged, waiting }
  }

  answered({ saves, unchanged, waiting }: DueSaves, refused: ReadonlySet<CharacterId>, failed: ReadonlySet<CharacterId>): void {
    const { metrics, clock } = this.#core.services
    let [lost, stale] = [0, 0]
    for (const { character, epoch } of saves) {
      const resident = this.#residents.get(character)
      if (failed.has(character)) {
        lost++
        if (resident === undefined) continue
        // The statement may have been carried out all the same.
        resident.savedText = undefined
        resident.saveBy = clock.now()
      } else if (refused.has(character)) {
        stale++
        this.#refused(resident, epoch)
      } else if (resident?.epoch === epoch && resident.phase === 'live') {
        const text = this.#written.get(character)
        resident.durable = resident.savedText === text
        resident.savedText = text
        resident.savedAt = this.#readAt
      }
    }
    for (const { character, epoch } of unchanged) {
      const resident = this.#residents.get(character)
      if (refused.has(character)) this.#refused(resident, epoch)
      else if (resident?.epoch === epoch) resident.savedAt = this.#readAt
    }
    for (const { character, epoch } of waiting) if (refused.has(character)) this.#refused(this.#residents.get(character), epoch)
    metrics.saves.inc({ result: 'saved' }, saves.length - stale - lost)
    metrics.saves.inc({ result: 'stale' }, stale)
    metrics.saves.inc({ result: 'failed' }, lost)
    if (lost > 0 || (this.#late && saves.length > 0)) this.#sendStatus(lost > 0)
  }

  #nextSave(from: Instant): Instant {
    const { saveEveryMs, services } = this.#core
    return from + saveEveryMs * (1 - EARLIER_SHARE * services.random())
  }

  /**
   * The database refused the save because the epoch is stale. The character is live elsewhere and is removed (rule S2), unless a login into this room
   * took the body over during the save. In that case it is saved again now, so that it does not stay unsaved for another interval (rule D2). The database also
   * refuses a character that was frozen or released meanwhile. Its move handles it.
   */
  #refused(resident: Resident<State, Input> | undefined, epoch: Epoch): void {
    if (resident?.phase !== 'live') return
    resident.savedText = undefined
    void this.#residents.fence(resident, epoch).then(() => {
      if (resident.phase === 'live' && resident.epoch !== epoch) this.soon(resident.character)
    })
  }

  /** Tells all clients whether saving is late. Repeated at each failure, for players who entered since the last one. */
  #sendStatus(late: boolean): void {
    this.#late = late
    for (const { connection, savedAt: since } of this.#residents) {
      const message: SavingMessage = { late, since }
      connection?.send(control.saving, message)
    }
  }

  [Symbol.dispose](): void {
    this.#added[Symbol.dispose]()
  }
}

/**
 * What a save writes, as text, because a game may change an object that it has returned before. The number of the last input does not count: only the release of
 * a move needs it, and the release writes it. So a player who stands still is not written, although the client goes on sending inputs.
 */
function textOf({ epoch, state, stateVersion }: Save): string {
  const { game, lostTrust } = state as StoredState // made by saveOf
  return JSON.stringify([epoch, stateVersion, game, lostTrust])
}
