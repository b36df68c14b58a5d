import { expect, it } from 'vitest'
import type { ExplainResponse } from '../../model/wire/matchmaker.ts'
import { painter } from '../../service/terminal/paint.ts'
import { renderExplain } from './explain.ts'

const now = Date.UTC(2026, 10, 21, 8, 0, 0)
const ada: ExplainResponse = {
  character: 'c-ada',
  name: 'Ada',
  language: 'de',
  guild: 'g-lanterns',
  guildName: 'Lanterns',
  party: 'p-1',
  whereabouts: { map: 'forest', copy: 'forest-2', server: 'overworld-a', seat: 'taken', live: true },
  decisions: [
    {
      id: 'd-2',
      at: now - 4_000,
      kind: 'move',
      map: 'forest',
      copy: 'forest-2',
      characters: ['c-ada', 'c-bob'],
      reason: 'forest-1 closes (merge), 3 players left; forest-2 has 30 of 50',
      policyVersion: '3b98a2bb',
      candidates: [],
      inputs: { cause: 'merge', from: 'forest-1' },
    },
    {
      id: 'd-1',
      at: now - 86_400_000,
      kind: 'place',
      map: 'forest',
      copy: 'forest-1',
      characters: ['c-ada'],
      reason: 'Ada asked to enter forest; best that fitted: friends 0.50, guild 1.50.',
      policyVersion: '3b98a2bb',
      candidates: [
        { copy: 'forest-1', tiers: [0, 1, 0.5], terms: { guild: 1.5, language: 0.4 }, score: 1.9, population: 12, limit: 48 },
        { copy: 'forest-4', tiers: [0, 0, 0], terms: { guild: 0, language: 1.25 }, score: 1.25, population: 3, limit: 40 },
        { copy: 'forest-2', filtered: 'soft cap', population: 40, limit: 40 },
        { copy: 'forest-3', filtered: 'something new', population: 7, limit: 40 },
      ],
      inputs: { protocol: 1, seen: { hills: 3 } },
    },
  ],
}
const plain = { last: 5, now, paint: painter(false) }

it('P2: shows each candidate with its filter or every term of its score, the choice and the policy version', () => {
  expect(`\n${renderExplain(ada, plain).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    Ada  speaks de, guild Lanterns, party p-1  c-ada
    in forest, copy forest-2, on server overworld-a (live)

    07:59:56 UTC (4 s ago)  moved to forest, copy forest-2, together with 1 more
      forest-1 closes (merge), 3 players left; forest-2 has 30 of 50
      policy 3b98a2bb · cause merge · from forest-1

    2026-11-20 08:00:00 UTC (1 d ago)  placed in forest, copy forest-1
      Ada asked to enter forest; best that fitted: friends 0.50, guild 1.50.
         copy      people  limit  party  stays  friends  guild  language  score
      ►  forest-1      12     48      0    yes     0.50   1.50      0.40   1.90
         forest-4       3     40      0     no     0.00   0.00      1.25   1.25
         forest-2      40     40      ·      ·        ·      ·         ·      ·  ✗ would pass the limit for these people
         forest-3       7     40      ·      ·        ·      ·         ·      ·  ✗ something new
      policy 3b98a2bb · protocol 1 · seen {"hills":3}
    "
  `)
})

it('friends have one column, as a tier or as a weighted term', () => {
  const [, placed] = ada.decisions
  if (placed === undefined) throw new Error('no placement')
  const weighted = { ...placed, candidates: [{ copy: 'forest-1', tiers: [2, 0, 0], terms: { friends: 2, guild: 0.5 }, score: 2.5, population: 12, limit: 48 }] }
  const lines = renderExplain({ ...ada, decisions: [weighted] }, plain).join('\n')
  expect(lines).toMatch(/party {2}stays {2}friends {2}guild {2}score\n +► {2}forest-1 +12 +48 +2 +no +2\.00 +0\.50 +2\.50\n/)
})

it('shows a character who is not in the world, has only a held seat, or was never placed', () => {
  const { whereabouts: _, guild: _guild, guildName: _name, party: _party, ...nowhere } = ada
  expect(renderExplain({ ...nowhere, decisions: [] }, plain)).toEqual([
    'Ada  speaks de  c-ada',
    'not in the world',
    '',
    'No decision is stored about this character.',
  ])
  const held = { ...ada, whereabouts: { map: 'forest', copy: 'forest-2', seat: 'held' as const, live: false } }
  expect(renderExplain(held, { ...plain, last: 0 })).toEqual([
    'Ada  speaks de, guild Lanterns, party p-1  c-ada',
    'in forest, copy forest-2 (not there yet: a seat is held)',
    '',
    '2 older decisions: --last 2',
  ])
})
