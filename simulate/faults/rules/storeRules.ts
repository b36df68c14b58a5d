import type { CharacterId, CopyId, Epoch, MoveId } from '../../../model/ids.ts'
import type { Store } from '../../../store/store.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { override } from '../kernel/override.ts'
import type { SimState } from '../processes/simZone.ts'
import type { Row, Save } from '../standins/memoryClaims.ts'
import type { MemoryStore } from '../standins/memoryStore.ts'

/** Checks the rules about writes to characters, before and after each statement. */
export class StoreRules {
  readonly #kernel: Kernel
  readonly #memory: MemoryStore
  /** The state that each release wrote. The next claim must return it. */
  readonly #released = new Map<CharacterId, { move: MoveId; epoch: Epoch; state: string | null }>()

  readonly #onPhase: (phase: 'released' | 'claimed', move: MoveId) => void
  readonly #onLogin: (before: Row, to: CopyId) => void

  /** `onLogin` gets the row before the claim of each login. */
  constructor(
    kernel: Kernel,
    memory: MemoryStore,
    { onPhase, onLogin }: { onPhase: (phase: 'released' | 'claimed', move: MoveId) => void; onLogin: (before: Row, to: CopyId) => void },
  ) {
    this.#onPhase = onPhase
    this.#onLogin = onLogin
    this.#kernel = kernel
    this.#memory = memory
  }

  /** Wraps the store so that each statement is checked. */
  checked<S extends Store>(store: S): S {
    const watched: Partial<Store> = {
      claim: async (character, at) => {
        const before = this.#copy(character)
        if (before !== undefined) this.#onLogin(before, at.copy)
        const claim = await store.claim(character, at)
        this.#kernel.record(`store: ${character} claimed for ${at.copy}: epoch ${claim.epoch}`)
        this.#claimed(character, claim.state)
        return claim
      },
      claimReleased: async (character, move, epoch, at) => {
        this.#onPhase('claimed', move)
        const before = this.#copy(character)
        const claim = await store.claimReleased(character, move, epoch, at)
        this.#kernel.record(
          `store: ${character} claimed at ${epoch} for ${at.copy} by move ${move}: ${claim === undefined ? 'too late' : `epoch ${claim.epoch}`}`,
        )
        if (before?.epoch !== epoch || before.moving !== move) this.#unchanged('S2', before, claim !== undefined, `a claim for move ${move} at epoch ${epoch}`)
        if (claim === undefined) this.#kernel.count('claims too late')
        else this.#claimed(character, claim.state)
        return claim
      },
      save: (character, epoch, state, stateVersion) =>
        this.#writingOne({ character, epoch, state, stateVersion }, 'a save', () => store.save(character, epoch, state, stateVersion)),
      saveMany: async (saves) => {
        const done = await this.#writing(saves, 'a save of many', async () => {
          const stale = new Set(await store.saveMany(saves))
          return saves.map(({ character }) => !stale.has(character))
        })
        return saves.filter((_, index) => done[index] !== true).map(({ character }) => character)
      },
      release: async (move, saves) => {
        const releasedNow = ({ character, epoch }: Save): boolean => {
          const row = this.#memory.claims.rows.get(character)
          return row?.epoch === epoch && row.moving === move
        }
        let done = false
        await this.#writing(
          saves,
          `the release of ${move}`,
          async () => {
            done = await store.release(move, saves)
            return saves.map(releasedNow)
          },
          move,
        )
        if (done !== saves.some(releasedNow)) this.#kernel.ruleBroken('M2', `the release of ${move} answered ${done}, and the rows say otherwise`)
        this.#kernel.record(
          `store: move ${move} releases ${saves.map(({ character, epoch }) => `${character} at ${epoch}`).join(', ')}: ${done ? 'done' : 'refused'}`,
        )
        if (done) this.#onPhase('released', move)
        for (const { character, epoch } of saves.filter(releasedNow))
          this.#released.set(character, { move, epoch, state: this.#memory.claims.rows.get(character)?.state ?? null })
        return done
      },
      leave: async (character, epoch, state, stateVersion) => {
        const save = { character, epoch, state, stateVersion }
        const done = await this.#writingOne(save, 'a leave', () => store.leave(character, epoch, state, stateVersion))
        this.#kernel.record(`store: ${character} leaves at ${epoch}: ${done ? 'done' : 'stale'}`)
        return done
      },
    }
    return override<S>(store, watched as Partial<S>) // a part of the port that every store implements
  }

  /** S2: a write with an older epoch changes nothing and is reported as refused. M1: no input is applied twice. D2: what was answered is stored. */
  async #writing(saves: readonly Save[], what: string, write: () => Promise<boolean[]>, move?: MoveId): Promise<boolean[]> {
    const before = saves.map(({ character }) => this.#copy(character))
    const done = await write()
    this.#kernel.count('writes refused', done.filter((one) => !one).length)
    for (const [index, { character, epoch, state }] of saves.entries()) {
      const row = before[index]
      const rightful = row !== undefined && row.epoch === epoch && (row.live !== undefined || (move !== undefined && row.moving === move))
      // A repeated leave is allowed: the character is no longer held.
      const repeated = what === 'a leave' && row?.epoch === epoch && row.moving === undefined
      if (!rightful && !repeated) this.#unchanged('S2', row, done[index] === true, `${what} of ${character} at epoch ${epoch}`)
      if (done[index] !== true) continue
      const stored = this.#memory.claims.rows.get(character)?.state
      if (stored !== JSON.stringify(state)) this.#kernel.ruleBroken('D2', `${what} of ${character} at epoch ${epoch} was answered, and its state is not stored`)
      const { applied } = (state as { game: SimState }).game // written by SimZone
      if (new Set(applied).size !== applied.length) this.#kernel.ruleBroken('M1', `${what} of ${character} has an input twice: ${applied.join(' ')}`)
    }
    return done
  }

  async #writingOne(save: Save, what: string, write: () => Promise<boolean>): Promise<boolean> {
    const [done] = await this.#writing([save], what, async () => [await write()])
    return done === true
  }

  #unchanged(rule: string, before: Row | undefined, done: boolean, what: string): void {
    const after = before === undefined ? undefined : this.#copy(before.character)
    if (done) this.#kernel.ruleBroken(rule, `${what} was not refused; the row was ${JSON.stringify(before)}`)
    else if (JSON.stringify(before) !== JSON.stringify(after))
      this.#kernel.ruleBroken(rule, `${what} changed ${JSON.stringify(before)} to ${JSON.stringify(after)}`)
  }

  #claimed(character: CharacterId, state: unknown): void {
    const released = this.#released.get(character)
    if (released === undefined) return
    this.#released.delete(character)
    if (JSON.stringify(state) !== JSON.stringify(released.state === null ? null : JSON.parse(released.state))) {
      this.#kernel.ruleBroken('M1', `${character} was released for ${released.move} with ${released.state} and goes on with ${JSON.stringify(state)}`)
    }
  }

  #copy(character: CharacterId): Row | undefined {
    return structuredClone(this.#memory.claims.rows.get(character))
  }
}
