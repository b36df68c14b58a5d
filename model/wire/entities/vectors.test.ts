import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readLayout } from './layout.ts'
import { SnapshotDecoder } from './snapshotDecoder.ts'
import { type RefusedVectors, refusedVectors } from './testing/refused.ts'
import { type Vector, vectors } from './testing/vectors.ts'

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../../docs/reference/${name}.json`, import.meta.url), 'utf8'))
// Both are written by writeVectors.ts.
const written = read('protocol-vectors') as Vector[]
const refused = read('protocol-vectors-refused') as RefusedVectors

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

it('X1: the published layouts and snapshots that are wrong are refused', () => {
  expect(refused.layouts.length).toBeGreaterThan(5)
  for (const { reason, layout } of refused.layouts) expect(() => readLayout(layout), reason).toThrow(RangeError)
  expect(refused.snapshots.length).toBeGreaterThan(10)
  for (const { reason, layout, before, hex } of refused.snapshots) {
    const decoder = new SnapshotDecoder(readLayout(layout))
    for (const valid of before) decoder.decode(Buffer.from(valid, 'hex'))
    expect(() => decoder.decode(Buffer.from(hex, 'hex')), reason).toThrow(RangeError)
  }
  expect(JSON.parse(JSON.stringify(refusedVectors()))).toEqual(refused)
})
