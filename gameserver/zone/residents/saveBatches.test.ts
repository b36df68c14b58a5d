import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { createGameServerMetrics } from '../../metrics.ts'
import type { Save } from './residents.ts'
import { type DueSaves, SaveBatches, type SavingRoom } from './saveBatches.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const saveOf = (character: CharacterId, state: unknown = {}): Save => ({ character, epoch: 1, state, stateVersion: 1 })

/** A database that records its statements, and two rooms whose characters are always due. */
function process(rows: Save[][], { unchanged = [] as DueSaves['unchanged'] } = {}) {
  const statements: CharacterId[][] = []
  const asked: CharacterId[][] = []
  const database = {
    answer: async (_saves: readonly Save[]): Promise<CharacterId[]> => [],
  }
  const metrics = createGameServerMetrics(new Registry())
  const batches = new SaveBatches({
    store: {
      saveMany: (saves) => {
        statements.push(saves.map(({ character }) => character))
        return database.answer(saves as readonly Save[]) // as the batches sent them
      },
      notHeld: async (holds) => {
        asked.push(holds.map(({ character }) => character))
        return []
      },
    },
    clock: { now: Date.now },
    random: () => 0.5,
    log: { warn: () => undefined, error: () => undefined },
    metrics,
  })
  const answers: { refused: CharacterId[]; failed: CharacterId[] }[] = []
  for (const saves of rows) {
    const room: SavingRoom = {
      due: () => ({ saves, unchanged, waiting: [] }),
      answered: (_due, refused, failed) => void answers.push({ refused: [...refused], failed: [...failed] }),
    }
    batches.add(room)
  }
  return { batches, statements, asked, database, answers }
}

it('saves the due characters of all rooms of a process in one statement every five seconds', async () => {
  const { batches, statements } = process([[saveOf('ann'), saveOf('bob')], [saveOf('cid')]])
  using _ = batches
  await vi.advanceTimersByTimeAsync(10_000)
  expect(statements).toEqual([
    ['ann', 'bob', 'cid'],
    ['ann', 'bob', 'cid'],
  ])
})

it('calls of `soon` that come together are one statement, a tenth of a second later, and behind the statement in flight', async () => {
  const { batches, statements, database } = process([[saveOf('ann')]])
  using _ = batches
  const first = Promise.withResolvers<CharacterId[]>()
  database.answer = () => first.promise
  for (let n = 0; n < 50; n++) batches.soon()
  await vi.advanceTimersByTimeAsync(99)
  expect(statements).toHaveLength(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(statements).toHaveLength(1)
  batches.soon()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(statements).toHaveLength(1)
  database.answer = async () => []
  first.resolve([])
  await vi.advanceTimersByTimeAsync(1)
  expect(statements).toHaveLength(2)
})

it('X1: a state that the database refuses fails alone', async () => {
  const everybody = Array.from({ length: 40 }, (_, n) => saveOf(`c-${n}`))
  const { batches, statements, database, answers } = process([everybody])
  using _ = batches
  database.answer = async (saves) => {
    if (saves.some(({ character }) => character === 'c-13')) throw new Error('a state that PostgreSQL cannot read')
    return []
  }
  await batches.save(0)
  expect(answers).toEqual([{ refused: [], failed: ['c-13'] }])
  // 40, 20, 10, 5, 3, 2, 1: the way to the bad one, with the other half of each.
  expect(statements.length).toBeLessThan(14)
})

it('a batch that fails because the database is down is not divided: it gets no extra load', async () => {
  const { batches, statements, database, answers } = process([[saveOf('ann'), saveOf('bob')]])
  using _ = batches
  database.answer = async () => {
    throw new StrataError('DEPENDENCY_DOWN', { what: 'The database' })
  }
  await batches.save(0)
  expect(statements).toHaveLength(1)
  expect(answers).toEqual([{ refused: [], failed: ['ann', 'bob'] }])
})

it('a statement has 250 characters at most, and characters that did not change are only asked for', async () => {
  const unchanged = [{ character: 'idle', epoch: 4 }]
  const { batches, statements, asked } = process([Array.from({ length: 600 }, (_, n) => saveOf(`c-${n}`))], { unchanged })
  using _ = batches
  await batches.save(0)
  expect(statements.map(({ length }) => length)).toEqual([250, 250, 100])
  expect(asked).toEqual([['idle']])
})
