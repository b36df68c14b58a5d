import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readLayout } from './layout.ts'
import { SnapshotDecoder } from './snapshotDecoder.ts'
import { type Vector, vectors } from './testing/vectors.ts'

const written = JSON.parse(readFileSync(new URL('../../../docs/reference/protocol-vectors.json', import.meta.url), 'utf8')) as Vector[] // written by writeVectors.ts

it('the bytes of the published test vectors say what stands beside them', () => {
  expect(written.length).toBeGreaterThan(1)
  for (const { title, layout, snapshots } of written) {
    const decoder = new SnapshotDecoder(readLayout(layout))
    for (const { hex, snapshot } of snapshots) expect(decoder.decode(Buffer.from(hex, 'hex')), title).toEqual(snapshot)
  }
})

it('servers write the bytes of the published test vectors', () => {
  // After a change of the format: node model/wire/entities/testing/writeVectors.ts, and say in docs/reference/protocol.md what changed.
  expect(JSON.parse(JSON.stringify(vectors()))).toEqual(written)
})
