import { expect, it } from 'vitest'
import { permitKeyReader } from './permitKey.ts'

const key = (byte: number): Uint8Array => new Uint8Array([byte])

function reader() {
  let now = 0
  const reads: PromiseWithResolvers<Uint8Array>[] = []
  const permitKey = (): Promise<Uint8Array> => {
    const read = Promise.withResolvers<Uint8Array>()
    reads.push(read)
    return read.promise
  }
  const clock = { now: () => now }
  const pass = (ms: number): void => {
    now += ms
  }
  return { reads, read: permitKeyReader({ permitKey }, clock), pass }
}

it('reads the key of permits once a minute, and no placement waits for a later read', async () => {
  const { reads, read, pass } = reader()
  const both = [read(), read()]
  reads[0]?.resolve(key(1))
  expect(await Promise.all(both)).toEqual([key(1), key(1)])
  pass(59_999)
  await read()
  expect(reads).toHaveLength(1)
  pass(1)
  expect(await read()).toEqual(key(1))
  expect(reads).toHaveLength(2)
  reads[1]?.resolve(key(2))
  await new Promise(setImmediate)
  expect(await read()).toEqual(key(2))
})

it('a read that fails is repeated at the next placement; with a key, it signs until a later read is answered', async () => {
  const { reads, read, pass } = reader()
  const first = read()
  reads[0]?.reject(new Error('down'))
  await expect(first).rejects.toThrow('down')
  const second = read()
  reads[1]?.resolve(key(1))
  expect(await second).toEqual(key(1))
  pass(60_000)
  await read()
  reads[2]?.reject(new Error('down'))
  await new Promise(setImmediate)
  expect(await read()).toEqual(key(1))
})
