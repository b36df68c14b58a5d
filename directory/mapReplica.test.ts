import fc from 'fast-check'
import { expect, it } from 'vitest'
import { defined } from '../model/defined.ts'
import { LINE_REBUILD_MS } from '../model/line.ts'
import type { Seat } from '../model/seat.ts'
import { MapReplica } from './mapReplica.ts'

const opened = { map: 'forest', server: 's1', state: 'open' as const, address: 'ws://127.0.0.1:1', created: 0, since: 0 }
const seatOf = (n: number, guild: string | undefined): Seat => ({
  character: `c${n}`,
  entity: n + 1,
  name: `c${n}`,
  language: n % 3 === 0 ? 'de' : 'en',
  state: 'taken',
  since: 0,
  ...(n % 4 === 0 ? { languages: n % 8 === 0 ? ['es'] : ['es', 'fr'] } : {}),
  ...defined({ guild }),
})

it('S3: the counts match the seats after any sequence of joins, leaves, guild changes and removed copies', () => {
  const change = fc.record({
    copy: fc.constantFrom('forest-1', 'forest-2'),
    what: fc.constantFrom('joins', 'joins', 'leaves', 'removed'),
    character: fc.nat(9),
    guild: fc.constantFrom('g1', 'g2', undefined),
  })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const copies = ['forest-1', 'forest-2'].map((id) => ({ ...opened, id }))
      const replica = new MapReplica({ map: 'forest', seq: 0, waiting: 0, copies, seats: [] })
      for (const [index, { copy, what, character, guild }] of changes.entries()) {
        const numbered = { map: 'forest', seq: index + 1, copy }
        if (what === 'joins') replica.apply({ type: 'seats', ...numbered, set: [seatOf(character, guild)], freed: [] })
        else if (what === 'leaves') replica.apply({ type: 'seats', ...numbered, set: [], freed: [`c${character}`] })
        else replica.apply({ type: 'copyRemoved', ...numbered })
      }
      const speakers = new Map<string, number>()
      const seated = new Map<string, string[]>()
      for (const { copy, guilds, guildPairs, seats } of replica.copies.values()) {
        let pairs = 0
        for (const members of guilds.values()) pairs += (members * (members - 1)) / 2
        expect(guildPairs).toBe(pairs)
        for (const { character, language, languages = [] } of seats.values()) {
          for (const spoken of [language, ...languages]) speakers.set(spoken, (speakers.get(spoken) ?? 0) + 1)
          seated.set(character, [...(seated.get(character) ?? []), copy.id])
        }
      }
      expect(new Map([...replica.seated].map(([character, copies]) => [character, [...copies].sort()]))).toEqual(seated)
      expect(new Map(replica.languages)).toEqual(speakers)
    }),
  )
})

it('Q1: a line that was lost as a whole still counts until LINE_REBUILD_MS has passed', () => {
  const snapshot = { map: 'forest', seq: 9, waiting: 40, copies: [], seats: [] }
  const before = new MapReplica(snapshot)
  const emptied = new MapReplica({ ...snapshot, seq: 0, waiting: 0 })
  emptied.continueFrom(before, 1_000)
  expect(emptied.waiting).toBe(40)
  // Three places have joined again; reading another snapshot does not change the count.
  emptied.apply({ type: 'line', map: 'forest', seq: 1, waiting: 3 })
  const again = new MapReplica({ ...snapshot, seq: 1, waiting: 3 })
  again.continueFrom(emptied, 2_000)
  expect(again.waiting).toBe(40)
  again.expireLostLine(1_000 + LINE_REBUILD_MS - 1)
  expect(again.waiting).toBe(40)
  again.expireLostLine(1_000 + LINE_REBUILD_MS)
  expect(again.waiting).toBe(3)
})
