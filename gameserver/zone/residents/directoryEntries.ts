import type { Directory } from '../../../directory/directory.ts'
import type { Instant } from '../../../model/clock.ts'
import type { CharacterId, CopyId, Epoch, MapName } from '../../../model/ids.ts'
import type { Presence } from '../../../model/seat.ts'
import type { ZoneCore } from '../core.ts'
import type { Resident } from './resident.ts'
import { ATTEMPTS, LEAVE_ATTEMPTS, retryWithLog } from './retryWithLog.ts'

type Character = Pick<Resident<unknown, unknown>, 'character' | 'epoch' | 'phase'>

/** What the directory says of the characters of one room: their presences and their seats. The caller holds the mutex of the character where a call says so. */
export class DirectoryEntries {
  readonly #core: Pick<ZoneCore<unknown, unknown>, 'services' | 'log' | 'map' | 'copy'>
  readonly #isHere: (character: CharacterId) => boolean

  constructor(core: Pick<ZoneCore<unknown, unknown>, 'services' | 'log' | 'map' | 'copy'>, isHere: (character: CharacterId) => boolean) {
    this.#core = core
    this.#isHere = isHere
  }

  presenceOf({ character, epoch }: Pick<Character, 'character' | 'epoch'>): Presence {
    return { character, map: this.#core.map, copy: this.#core.copy, server: this.#core.services.server, epoch }
  }

  /** Writes the character's presence while it is live here. The audit of the copy reconciler repeats a write that failed. */
  async publish(resident: Character): Promise<void> {
    const { log, services } = this.#core
    try {
      await retryWithLog(
        async () => {
          if (resident.phase === 'live') await services.directory.setPresence(this.presenceOf(resident))
        },
        { log, what: 'writing the presence of a character', attempts: ATTEMPTS },
      )
    } catch (error) {
      log.error({ err: error, character: resident.character }, 'could not write the presence of a character')
    }
  }

  /** The server was restarted under its name and has none of the characters that the directory lists for it. Under the mutex. */
  async clearStale(character: CharacterId, epoch: Epoch): Promise<void> {
    await this.#retryOrLog('clearing a stale presence', character, this.#core.copy, (directory) => directory.clearPresence(character, epoch))
  }

  /** Clears the presence and the seat of a character that was removed. Under the mutex. Retries through an outage of the directory, because nothing else clears the presence. */
  async clear(character: CharacterId, epoch: Epoch): Promise<void> {
    const { services, log, copy } = this.#core
    try {
      await retryWithLog(
        async () => {
          await services.directory.clearPresence(character, epoch)
          await this.#freeUnlessHere(character)
        },
        { log, what: 'clearing the presence of a character', attempts: LEAVE_ATTEMPTS },
      )
    } catch (error) {
      log.error({ err: error, character, copy }, 'could not clear the presence of a character that has left')
    }
  }

  /** Frees the seat unless the character is here. Under the mutex. The audit of the copy reconciler frees a seat after a failure. */
  async freeSeat(character: CharacterId): Promise<void> {
    await this.#retryOrLog('freeing a seat', character, this.#core.copy, () => this.#freeUnlessHere(character))
  }

  /** Gives back a held seat. A seat that could not be given back expires at its deadline. */
  async giveBackSeat(map: MapName, copy: CopyId, character: CharacterId, heldUntil: Instant): Promise<void> {
    await this.#retryOrLog('giving back a seat', character, copy, (directory) => directory.giveBackSeat(map, copy, character, heldUntil))
  }

  async #freeUnlessHere(character: CharacterId): Promise<void> {
    const { services, map, copy } = this.#core
    if (!this.#isHere(character)) await services.directory.freeSeat(map, copy, character)
  }

  async #retryOrLog(what: string, character: CharacterId, copy: CopyId, act: (directory: Directory) => Promise<void>): Promise<void> {
    const { log, services } = this.#core
    try {
      await retryWithLog(() => act(services.directory), { log, what, attempts: ATTEMPTS })
    } catch (error) {
      log.error({ err: error, character, copy }, `${what} failed`)
    }
  }
}
