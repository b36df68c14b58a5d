import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Seat } from '../model/seat.ts'
import { MapReplica } from './mapReplica.ts'

const seatOf = (n: number, guild: string | undefined): Seat => ({
  character: `c${n}`,
  entity: n + 1,
  name: `c${n}`,
  language: 'en',
  state: 'taken',
  since: 0,
  ...(guild === undefined ? {} : { guild }),
})

it('S3: whoever comes, goes or changes guild, the pairs of guild-mates follow from who is there', () => {
  const change = fc.record({ character: fc.nat(9), guild: fc.constantFrom('g1', 'g2', undefined), leaves: fc.boolean() })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const copy = { id: 'forest-1', map: 'forest', server: 's1', state: 'open' as const, address: 'ws://127.0.0.1:1', created: 0, since: 0 }
      const replica = new MapReplica({ map: 'forest', seq: 0, waiting: 0, copies: [copy], seats: [] })
      for (const [index, { character, guild, leaves }] of changes.entries()) {
        const seats = leaves ? { set: [], freed: [`c${character}`] } : { set: [seatOf(character, guild)], freed: [] }
        replica.apply({ type: 'seats', map: 'forest', seq: index + 1, copy: copy.id, ...seats })
      }
      const standing = replica.copies.get(copy.id)
      let pairs = 0
      for (const members of standing?.guilds.values() ?? []) pairs += (members * (members - 1)) / 2
      expect(standing?.guildPairs).toBe(pairs)
    }),
  )
})
