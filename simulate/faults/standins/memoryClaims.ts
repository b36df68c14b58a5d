import type { Instant } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, CopyId, Epoch, MoveId, ServerId } from '../../../model/ids.ts'
import type { Claim } from '../../../store/store.ts'

/** A character's row as in PostgreSQL: live in a copy, released for a move, or held by nobody. */
export interface Row {
  character: CharacterId
  epoch: Epoch
  live: { copy: CopyId; server: ServerId } | undefined
  moving: MoveId | undefined
  /** The copy that the character left last, and when. */
  left: { copy: CopyId; at: Instant } | undefined
  /** JSON text, so that a caller cannot change the stored state through a shared object. */
  state: string | null
  stateVersion: number
}

export interface Save {
  character: CharacterId
  epoch: Epoch
  state: unknown
  stateVersion: number
}

/** `store/claims.ts` in memory: the epochs that decide who may write a character. Each call is one atomic statement. */
export class MemoryClaims {
  readonly rows = new Map<CharacterId, Row>()
  readonly #now: () => Instant

  constructor(now: () => Instant) {
    this.#now = now
  }

  add(character: CharacterId): void {
    if (!this.rows.has(character))
      this.rows.set(character, { character, epoch: 0, live: undefined, moving: undefined, left: undefined, state: null, stateVersion: 0 })
  }

  claim(character: CharacterId, at: { copy: CopyId; server: ServerId }): Claim {
    const row = this.rows.get(character)
    if (row === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character })
    return take(row, at)
  }

  claimReleased(character: CharacterId, move: MoveId, epoch: Epoch, at: { copy: CopyId; server: ServerId }): Claim | undefined {
    const row = this.rows.get(character)
    return row?.moving === move && row.epoch === epoch ? take(row, at) : undefined
  }

  save(save: Save): boolean {
    const row = this.#held(save)
    if (row?.live === undefined) return false
    write(row, save)
    return true
  }

  saveMany(saves: readonly Save[]): CharacterId[] {
    const latest = new Map(saves.map((save) => [save.character, save]))
    return [...latest.values()].filter((save) => !this.save(save)).map(({ character }) => character)
  }

  notHeld(holds: readonly { character: CharacterId; epoch: Epoch }[]): CharacterId[] {
    return holds.flatMap(({ character, epoch }) => {
      const row = this.rows.get(character)
      return row?.epoch === epoch && row.live !== undefined ? [] : [character]
    })
  }

  release(move: MoveId, saves: readonly Save[]): boolean {
    const latest = [...new Map(saves.map((save) => [save.character, save])).values()]
    const rows = latest.map((save) => this.#held(save))
    if (!rows.every((row) => row !== undefined && (row.live !== undefined || row.moving === move))) return rows.some((row) => row?.moving === move)
    for (const [index, save] of latest.entries()) {
      const row = rows[index]
      if (row === undefined) continue
      write(row, save)
      row.live = undefined
      row.moving = move
    }
    return true
  }

  leave(save: Save): boolean {
    const row = this.#held(save)
    if (row === undefined || row.moving !== undefined) return false
    write(row, save)
    if (row.live !== undefined) row.left = { copy: row.live.copy, at: this.#now() }
    row.live = undefined
    return true
  }

  #held({ character, epoch }: Save): Row | undefined {
    const row = this.rows.get(character)
    return row?.epoch === epoch ? row : undefined
  }
}

function take(row: Row, at: { copy: CopyId; server: ServerId }): Claim {
  row.epoch++
  row.live = { ...at }
  row.moving = undefined
  return { epoch: row.epoch, state: row.state === null ? null : JSON.parse(row.state), stateVersion: row.stateVersion }
}

function write(row: Row, { state, stateVersion }: Save): void {
  row.state = state === null || state === undefined ? null : JSON.stringify(state)
  row.stateVersion = stateVersion
}
