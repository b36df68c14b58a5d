import fc from 'fast-check'
import { expect, it } from 'vitest'
import { InputLog } from './inputLog.ts'

it('M5: across any number of moves each input is applied once and in order, and none is lost', () => {
  // Between two moves the client sends some inputs, the server applies some of them and acknowledges some of those.
  const leg = fc.record({ sent: fc.nat(30), applied: fc.nat(30), acknowledged: fc.nat(30), withheld: fc.nat(10) })
  fc.assert(
    fc.property(fc.array(leg, { minLength: 1, maxLength: 6 }), (legs) => {
      const log = new InputLog()
      const applied: number[] = []
      let newest = 0
      let made = 0
      const server = (line: readonly { seq: number }[], upTo: number): void => {
        for (const { seq } of line) {
          if (seq > upTo || seq <= newest) continue
          newest = seq
          applied.push(seq)
        }
      }
      for (const { sent, applied: some, acknowledged, withheld } of legs) {
        const line = [...log.replay(newest)]
        for (let n = 0; n < sent; n++, made++) line.push(log.add(made))
        server(line, newest + some)
        log.confirm(Math.max(0, newest - acknowledged))
        for (let n = 0; n < withheld; n++, made++) log.add(made)
      }
      server(log.replay(newest), Number.MAX_SAFE_INTEGER)
      expect(applied).toEqual(Array.from({ length: made }, (_, index) => index + 1))
      log.confirm(made)
      expect(log).toMatchObject({ pending: 0, dropped: 0 })
    }),
  )
})

it('after a broken connection unconfirmed inputs are discarded and counted, and the numbers continue', () => {
  const log = new InputLog()
  for (let n = 0; n < 5; n++) log.add(n)
  log.confirm(3)
  log.forget()
  expect(log).toMatchObject({ pending: 0, dropped: 2 })
  expect(log.add('next').seq).toBe(6)
})
