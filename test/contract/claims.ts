import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CharacterId } from '../../model/ids.ts'
import type { Save } from '../../store/claims.ts'
import type { Store } from '../../store/store.ts'

/** A store, and a way to add a character to it. */
export interface ClaimsRig extends AsyncDisposable {
  store: Store
  addCharacter(name: string): Promise<CharacterId>
}

type Act = 'claim' | 'save' | 'saveMany' | 'release' | 'claimReleased' | 'leave'
interface Step {
  act: Act
  /** Index of the acting server, 0 to 2. Each server knows the epoch of its last claim. */
  server: number
  /** Index of the move, 0 or 1. */
  move: number
  /** Index of the character, 0 or 1. */
  who: number
}

const at = { copy: 'copy-1', server: 'server-1' }
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index))

/**
 * Contract of the claims of a character, for PostgreSQL and for the stand-in of the fault simulation. The last test compares random histories with one
 * model, so that the two adapters also agree on cases without a test of their own.
 */
export function claimsContract(adapter: string, make: () => Promise<ClaimsRig>): void {
  describe(`claims on ${adapter}`, () => {
    let made: ClaimsRig
    let store: Store
    beforeAll(async () => {
      made = await make()
      store = made.store
    })
    afterAll(() => made[Symbol.asyncDispose]())

    let count = 0
    const newCharacter = (): Promise<CharacterId> => made.addCharacter(`Claimant ${adapter} ${++count}`)

    it('S1: each claim gets a different epoch; one of many concurrent claims of a released character succeeds', async () => {
      const character = await newCharacter()
      const claims = await Promise.all(times(8, () => store.claim(character, at)))
      expect(claims.map(({ epoch }) => epoch).sort((a, b) => a - b)).toEqual(times(8, (index) => index + 1))
      expect(await store.release('m', [{ character, epoch: 8, state: { gold: 7 }, stateVersion: 2 }])).toBe(true)
      const asked = await Promise.all(times(8, () => store.claimReleased(character, 'm', 8, at)))
      expect(asked.filter((claim) => claim !== undefined)).toEqual([{ epoch: 9, state: { gold: 7 }, stateVersion: 2 }])
      await expect(store.claim('nobody', at)).rejects.toMatchObject({ code: 'CHARACTER_UNKNOWN' })
    })

    it('remembers the copy that a character left last, also when the call is repeated; a move is no departure', async () => {
      const character = await newCharacter()
      const left = async () => (await store.profile(character))?.left?.copy
      await store.claim(character, at)
      expect(await left()).toBeUndefined()
      expect(await store.leave(character, 1, null, 1)).toBe(true)
      const first = (await store.profile(character))?.left
      expect(first?.copy).toBe(at.copy)
      expect(await store.leave(character, 1, null, 1)).toBe(true)
      expect((await store.profile(character))?.left).toEqual(first)
      await store.claim(character, { ...at, copy: 'another copy' })
      expect(await store.release('a move', [{ character, epoch: 2, state: null, stateVersion: 1 }])).toBe(true)
      expect(await left()).toBe(at.copy)
    })

    it('P1: a party is released as one or not at all', async () => {
      const party = await Promise.all(times(3, newCharacter))
      for (const character of party) await store.claim(character, at)
      await store.claim(party[1] ?? '', at)
      const saves = party.map((character) => ({ character, epoch: 1, state: 'released', stateVersion: 1 }))
      expect(await store.release('p', saves)).toBe(false)
      expect(await store.saveMany(saves)).toEqual([party[1]])
      expect(await store.release('p', [...saves.filter((_, index) => index !== 1), { character: 'nobody', epoch: 1, state: null, stateVersion: 1 }])).toBe(
        false,
      )
      const right = saves.map((save, index) => (index === 1 ? { ...save, epoch: 2 } : save))
      expect(await store.release('p', right)).toBe(true)
      // A repeated release succeeds, because the first answer may have been lost.
      expect(await store.release('p', right)).toBe(true)
      expect(await store.release('q', right)).toBe(false)
      // One of them logs in before the release is repeated: the others are still released.
      const [first = 'nobody'] = party
      await store.claim(first, at)
      expect(await store.release('p', right)).toBe(true)
    })

    it('S1, S2: every result of a random history matches the model', { timeout: 30_000 }, async () => {
      const step: fc.Arbitrary<Step> = fc.record({
        act: fc.constantFrom<Act[]>('claim', 'save', 'saveMany', 'release', 'claimReleased', 'leave'),
        server: fc.nat({ max: 2 }),
        move: fc.nat({ max: 1 }),
        who: fc.nat({ max: 1 }),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
          const characters = [await newCharacter(), await newCharacter()]
          const model = new Model(characters)
          for (const [index, one] of steps.entries()) {
            const character = characters[one.who] ?? ''
            const move = `${characters[0]} ${one.move}`
            expect(await applyStep(store, model, one, { character, move, state: `step ${index}` })).toEqual(model.expected)
          }
          for (const character of characters) expect((await store.claim(character, at)).state).toEqual(model.row(character).state)
        }),
        { numRuns: 40 },
      )
    })
  })
}

interface ModelRow {
  epoch: number
  live: boolean
  move: string | undefined
  state: unknown
}

/** The expected behaviour: only the newest epoch writes, and after a release no epoch does. */
class Model {
  readonly #rows: Map<CharacterId, ModelRow>
  /** The epoch that each server got last, by server and character. */
  readonly known = new Map<string, number>()
  expected: unknown

  constructor(characters: readonly CharacterId[]) {
    this.#rows = new Map(characters.map((character) => [character, { epoch: 0, live: false, move: undefined, state: null }]))
  }

  row(character: CharacterId): ModelRow {
    const row = this.#rows.get(character)
    if (row === undefined) throw new Error(`The model has no character ${character}.`)
    return row
  }

  claim(character: CharacterId): void {
    const row = this.row(character)
    Object.assign(row, { epoch: row.epoch + 1, live: true, move: undefined })
    this.expected = { epoch: row.epoch, state: row.state }
  }
  write({ character, epoch, state }: Save, may: (row: ModelRow) => boolean, then: Partial<ModelRow>): boolean {
    const row = this.row(character)
    const allowed = row.epoch === epoch && may(row)
    if (allowed) Object.assign(row, { state, ...then })
    this.expected = allowed
    return allowed
  }
}

/** Applies one step to the model, then to the store. Returns the answer of the store in the form of `model.expected`. */
async function applyStep(
  store: Store,
  model: Model,
  { act, server }: Step,
  { character, move, state }: { character: CharacterId; move: string; state: string },
): Promise<unknown> {
  const key = `${server} ${character}`
  const epoch = model.known.get(key) ?? 0
  const save = { character, epoch, state, stateVersion: 1 }
  switch (act) {
    case 'claim': {
      model.claim(character)
      const claim = await store.claim(character, at)
      model.known.set(key, claim.epoch)
      return { epoch: claim.epoch, state: claim.state }
    }
    case 'claimReleased': {
      const row = model.row(character)
      if (row.move === move && row.epoch === epoch) model.claim(character)
      else model.expected = undefined
      const claim = await store.claimReleased(character, move, epoch, at)
      if (claim !== undefined) model.known.set(key, claim.epoch)
      return claim === undefined ? undefined : { epoch: claim.epoch, state: claim.state }
    }
    case 'save':
      model.write(save, ({ live }) => live, {})
      return store.save(character, epoch, state, 1)
    case 'saveMany':
      model.write(save, ({ live }) => live, {})
      return (await store.saveMany([save])).length === 0
    case 'release':
      model.write(save, (row) => row.live || row.move === move, { live: false, move })
      return store.release(move, [save])
    case 'leave':
      model.write(save, (row) => row.move === undefined, { live: false })
      return store.leave(character, epoch, state, 1)
  }
}
