import { expect } from 'vitest'
import { ByteWriter } from '../../../../model/wire/entities/bytes.ts'
import { SnapshotDecoder } from '../../../../model/wire/entities/snapshotDecoder.ts'
import type { EntityView, Snapshot } from '../../../../model/wire/snapshot.ts'
import { dialectOf } from '../dialects.ts'
import type { InterestGrid } from '../interestGrid.ts'
import { type Moment, Sight, type SightRange } from '../sight.ts'
import type { Viewer } from '../viewer.ts'

/** A client with its sight, without a connection: it applies what the sight tells, as over the wire. */
export class Onlooker {
  readonly sight: Sight
  /** What the client knows. */
  readonly seen = new Map<number, EntityView>()
  /** Bytes of all snapshots, and number of updates of entities. */
  bytes = 0
  updates = 0
  readonly #grid: InterestGrid
  readonly #decoder: SnapshotDecoder
  readonly #out = new ByteWriter()

  constructor(grid: InterestGrid, range: SightRange) {
    this.#grid = grid
    this.sight = new Sight(range)
    this.#decoder = new SnapshotDecoder(grid.table.entities.layout)
  }

  /** The next snapshot, applied; undefined when nothing changed. */
  look({ id = 0, party = 0, ...at }: Viewer['at'] & Partial<Viewer>, tick: number, moment: Partial<Moment> = {}): Snapshot | undefined {
    const dialect = dialectOf(2)
    this.#out.reset()
    const entities = this.sight.write(
      this.#out,
      this.#grid,
      { at, id, party },
      { tick, stepMs: 50, lastInput: 0, held: false, bytesPerSecond: 15_000, thin: 1, dialect, ...moment },
    )
    if (entities === undefined) return undefined
    this.sight.spent(this.#out.length)
    this.bytes += this.#out.length
    const snapshot = this.#decoder.decode(this.#out.take())
    expect(entities).toBe(snapshot.entered.length + snapshot.changed.length)
    this.#apply(snapshot)
    return snapshot
  }

  #apply({ full, entered, changed, left }: Snapshot): void {
    if (full) this.seen.clear()
    for (const entity of entered) this.seen.set(entity.id, entity)
    for (const { id, ...values } of changed) {
      const known = this.seen.get(id)
      if (known === undefined) throw new Error(`an update of ${id}, which is not in sight`)
      Object.assign(known, values)
    }
    this.updates += changed.length
    for (const id of left) if (!this.seen.delete(id)) throw new Error(`${id} left, and was not in sight`)
  }
}
