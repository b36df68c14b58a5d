import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId, Epoch } from '../../../model/ids.ts'
import type { SavingMessage } from '../../../model/wire/room.ts'
import { createGameServerMetrics } from '../../metrics.ts'
import type { ZoneCore } from '../core.ts'
import type { Resident } from './resident.ts'
import type { Residents, Save } from './residents.ts'
import { SaveBatches } from './saveBatches.ts'
import { Saver } from './saver.ts'
import { toStored } from './state/storedState.ts'

const SAVE_EVERY_MS = 30_000

interface Game {
  gold: number
}

/** A room with Ann, whose state the test changes; the database refuses the epochs below `database.epoch`. */
function room() {
  const clock = { at: 0, now: () => clock.at }
  const database = { epoch: 1, down: false, written: [] as number[] }
  const sent: SavingMessage[] = []
  const state: Game = { gold: 0 }
  const input = { last: 0 }
  const ann = {
    character: 'ann',
    epoch: 1,
    phase: 'live',
    since: 0,
    savedAt: 0,
    connection: { send: (_type: string, message: SavingMessage) => sent.push(message) },
  }
  const resident = ann as unknown as Resident<Game, unknown> // the parts that saving uses
  const all = new Map<CharacterId, Resident<Game, unknown>>([['ann', resident]])
  const fenced: Epoch[] = []
  const residents = {
    [Symbol.iterator]: () => all.values(),
    get: (character: CharacterId) => all.get(character),
    // Not a copy: the game changes the object that it returned.
    saveOf: ({ character, epoch }: Save) => ({ character, epoch, state: toStored(state, input.last), stateVersion: 1 }),
    fence: async (_: unknown, epoch: Epoch) => void fenced.push(epoch),
  }
  const stale = (saves: readonly { character: CharacterId; epoch: Epoch }[]) =>
    saves.flatMap(({ character, epoch }) => (epoch < database.epoch ? [character] : []))
  const metrics = createGameServerMetrics(new Registry())
  const log = { warn: () => undefined, error: () => undefined }
  const store = {
    saveMany: async (saves: readonly Save[]) => {
      if (database.down) throw new StrataError('DEPENDENCY_DOWN', { what: 'The database' })
      for (const save of saves) database.written.push((save.state as { game: Game }).game.gold) // written by saveOf
      return stale(saves)
    },
    notHeld: async (holds: readonly { character: CharacterId; epoch: Epoch }[]) => stale(holds),
  }
  const saves = new SaveBatches({ store, clock, random: () => 0, log, metrics })
  const core = { services: { saves, clock, metrics, random: () => 0 }, saveEveryMs: SAVE_EVERY_MS }
  const saver = new Saver(core as unknown as ZoneCore<Game, unknown>, residents as unknown as Residents<Game, unknown>)
  const tick = async (ms: number): Promise<void> => {
    clock.at += ms
    await saves.save(clock.at)
  }
  return { clock, database, sent, state, input, resident, fenced, saver, saves, tick }
}

it('D2: saves a changed character after `saveEveryMs`, once more in case that the database crashed before the disk had it, and then not again', async () => {
  const { database, state, input, saves, tick } = room()
  using _ = saves
  await tick(SAVE_EVERY_MS - 1)
  expect(database.written).toEqual([])
  await tick(1)
  expect(database.written).toEqual([0])
  // A client that stands still goes on sending inputs.
  input.last = 700
  for (let times = 0; times < 4; times++) await tick(SAVE_EVERY_MS)
  expect(database.written).toEqual([0, 0])
  state.gold = 5
  await tick(SAVE_EVERY_MS)
  expect(database.written).toEqual([0, 0, 5])
})

it('S2: a character that did not change and is live elsewhere is found by its next save', async () => {
  const { database, fenced, saves, tick } = room()
  using _ = saves
  for (let times = 0; times < 3; times++) await tick(SAVE_EVERY_MS)
  database.epoch = 2
  await tick(SAVE_EVERY_MS)
  expect(fenced).toEqual([1])
  expect(database.written).toEqual([0, 0])
})

it('S2: a character that is live elsewhere is found by the next batch, also when its own turn has not come', async () => {
  const { clock, database, fenced, saves } = room()
  using _ = saves
  database.epoch = 2
  clock.at += 5_000
  await saves.save(clock.at)
  expect(fenced).toEqual([])
  await saves.save(clock.at, true)
  expect(fenced).toEqual([1])
  expect(database.written).toEqual([])
})

it('D2: `saveSoon` saves before the interval, again when it is called during a save, and only what changed', async () => {
  const { database, state, saver, saves, tick } = room()
  using _ = saves
  state.gold = 1
  saver.soon('ann')
  const saving = tick(1)
  state.gold = 2
  saver.soon('ann')
  await saving
  await tick(1)
  expect(database.written).toEqual([1, 2])
  saver.soon('ann')
  await tick(1)
  expect(database.written).toEqual([1, 2])
})

it('D2: a save that failed is repeated with the next batch, even when the state is again as it was saved before; the player learns since when it is late', async () => {
  const { database, state, sent, saver, saves, tick } = room()
  using _ = saves
  await tick(SAVE_EVERY_MS)
  state.gold = 9
  saver.soon('ann')
  database.down = true
  await tick(5)
  expect(sent).toEqual([{ late: true, since: SAVE_EVERY_MS }])
  // The failed statement may have been carried out.
  state.gold = 0
  database.down = false
  await tick(5)
  expect(database.written).toEqual([0, 0])
  expect(sent.at(-1)).toEqual({ late: false, since: SAVE_EVERY_MS + 10 })
})
