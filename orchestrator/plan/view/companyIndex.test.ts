import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CopyCensus } from '../../../model/census.ts'
import { CompanyIndex } from './companyIndex.ts'

const counts = fc.dictionary(fc.constantFrom('g1', 'g2', 'g3', 'g4'), fc.integer({ min: 1, max: 5 }))

function copyOf(n: number, guilds: Record<string, number>): CopyCensus {
  const copy = { id: `c${n}`, map: 'forest', server: 's1', state: 'open' as const, address: 'ws://x', created: 0, since: 0 }
  const parties = new Map(n % 3 === 0 ? [['p', 1]] : [])
  return { copy, seats: new Map(), parties, guilds: new Map(Object.entries(guilds)), languages: new Map() }
}

it('C3: after copies are removed, the index gives the same result as a new index of the remaining copies', () => {
  fc.assert(
    fc.property(fc.array(counts, { minLength: 2, maxLength: 9 }), fc.array(fc.nat(8), { maxLength: 6 }), (spec, going) => {
      let left = spec.map((guilds, n) => copyOf(n, guilds)).map((census) => ({ census }))
      const index = new CompanyIndex(left)
      for (const at of going) {
        const gone = left[at]
        if (gone !== undefined) index.remove(gone.census)
        left = left.filter((copy) => copy !== gone)
        const anew = new CompanyIndex(left)
        for (const { census } of left) expect(index.separatedBy(census)).toBe(anew.separatedBy(census))
      }
    }),
  )
})
