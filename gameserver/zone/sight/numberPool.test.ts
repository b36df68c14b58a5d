import { expect, it } from 'vitest'
import { NumberPool } from './numberPool.ts'

const fill = (pool: NumberPool, { start, size }: { start: number; size: number }, value: number): void => void pool.numbers.fill(value, start, start + size)
const valuesOf = (pool: NumberPool, { start, size }: { start: number; size: number }): number[] => [...new Set(pool.numbers.subarray(start, start + size))]

it('lists of different owners never overlap, through growth and exchange, and keep their numbers', () => {
  const pool = new NumberPool()
  const owners = Array.from({ length: 200 }, () => ({}))
  const blocks = owners.map((owner, n) => pool.take(owner, 1 + ((n * 37) % 300)))
  for (const [n, block] of blocks.entries()) fill(pool, block, n)
  for (const [n, owner] of owners.entries()) {
    const block = blocks[n]
    if (n % 3 > 0 || block === undefined) continue
    expect(valuesOf(pool, block)).toEqual([n])
    const larger = pool.exchange(owner, block, 2 * block.size)
    expect(larger.size).toBeGreaterThanOrEqual(2 * block.size)
    blocks[n] = larger
    fill(pool, larger, n)
  }
  for (const [n, block] of blocks.entries()) expect(valuesOf(pool, block)).toEqual([n])
})

it('a block that was exchanged is used again', () => {
  const pool = new NumberPool()
  const [owner, other] = [{}, {}]
  const first = pool.take(owner, 32)
  pool.exchange(owner, first, 64)
  expect(pool.take(other, 32).start).toBe(first.start)
})
