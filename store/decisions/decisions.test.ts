import { expect, it } from 'vitest'
import type { CandidateRecord, Decision } from '../../model/placement/decision.ts'
import { storeOfFile } from '../../test/storeOfFile.ts'
import { packDecision, unpackCandidates } from './candidates.ts'

const { store } = await storeOfFile()

const record = (...decisions: Decision[]): Promise<void> => store.recordDecisions(decisions.map(packDecision))
const noon = Date.UTC(2030, 0, 1, 12)
const decision = (number: number, more: Partial<Decision> = {}): Decision => ({
  id: `decision-${number}`,
  at: noon + number,
  kind: 'place',
  map: 'forest',
  characters: [`character-${number % 3}`, 'everybody'],
  reason: `reason ${number}`,
  policyVersion: 'v1',
  candidates: [{ copy: 'copy-1', population: 3, limit: 80, score: 1.5, terms: { guild: 1.5 } }],
  inputs: { cause: 'test', number },
  ...more,
})

it('P2: decisions are read unchanged, by character and by map, newest first', async () => {
  const stored = Array.from({ length: 9 }, (_, number) => decision(number, number === 4 ? { copy: 'copy-7' } : {}))
  await record(...stored)
  await record(decision(20, { map: 'hills', kind: 'open', characters: [] }))
  expect(await store.decisionsFor('character-1', 10)).toEqual([stored[7], stored[4], stored[1]])
  expect(await store.decisionsFor('everybody', 2)).toEqual([stored[8], stored[7]])
  expect(await store.decisionsOn('hills', 10)).toEqual([decision(20, { map: 'hills', kind: 'open', characters: [] })])
  expect(await store.decisionsFor('stranger', 10)).toEqual([])
})

it('P2: candidates are read with all terms of their scores', async () => {
  const complete: Required<Omit<CandidateRecord, 'filtered'>> = {
    copy: 'a',
    tiers: [1, 1, 0.75],
    terms: { guild: 1.5, 'attribute:level': 0.3333 },
    score: 1.8333,
    population: 3,
    limit: 80,
  }
  const candidates = [
    complete,
    { copy: 'b', tiers: [0, 0, 0], terms: { language: 0.25, guild: 0 }, score: 0.25, population: 4, limit: 80 },
    { copy: 'c', filtered: 'soft cap', population: 80, limit: 80 },
    { copy: 'd', population: 0, limit: 0 },
  ]
  const unusual = decision(1, {
    id: 'unusual',
    map: 'packed',
    candidates,
    characters: ['back\\slash', 'quo"te', 'with, comma', 'NULL', ''],
    reason: 'It is {"}',
  })
  await record(unusual, decision(2, { id: 'none', map: 'packed', candidates: [] }), decision(3, { id: 'nul', map: 'packed', reason: 'a\0b' }))
  // The formats of earlier releases.
  expect(unpackCandidates(candidates)).toEqual(candidates)
  expect(unpackCandidates({ terms: ['guild', 'language'], copies: [['a', 3, 80, 1.8333, [1, 0.75], [1.5, null]]] })).toEqual([
    { copy: 'a', tiers: [1, 0.75], terms: { guild: 1.5 }, score: 1.8333, population: 3, limit: 80 },
  ])
  expect(await store.decisionsOn('packed', 10)).toEqual([
    decision(3, { id: 'nul', map: 'packed', reason: 'a\uFFFDb' }),
    decision(2, { id: 'none', map: 'packed', candidates: [] }),
    unusual,
  ])
})

it('P2: a batch that is sent twice is stored once', async () => {
  const batch = [decision(100, { map: 'twice' }), decision(101, { map: 'twice' })]
  await record(...batch)
  await record(...batch, decision(102, { map: 'twice' }))
  expect((await store.decisionsOn('twice', 10)).map(({ id }) => id)).toEqual(['decision-102', 'decision-101', 'decision-100'])
})

it('P2: the count of repeats is added to a stored decision, which keeps its candidates', async () => {
  const first = decision(200, { map: 'repeated' })
  await record(first)
  await record({ ...first, candidates: [], inputs: { ...first.inputs, repeats: 3 } }, decision(201, { map: 'repeated' }))
  await record(first)
  expect(await store.decisionsOn('repeated', 10)).toEqual([decision(201, { map: 'repeated' }), { ...first, inputs: { ...first.inputs, repeats: 3 } }])
})

it('P2: forgetDecisions deletes all older decisions, also more than one statement may delete', async () => {
  const day = 86_400_000
  const old = Array.from({ length: 6_000 }, (_, number) => decision(number, { id: `old-${number}`, at: noon - day - number, map: 'kept' }))
  await record(...old)
  await record(decision(1, { id: 'young', map: 'kept' }))
  expect(await store.forgetDecisions(noon - day + 1)).toBe(6_000)
  expect((await store.decisionsOn('kept', 10)).map(({ id }) => id)).toEqual(['young'])
  expect(await store.forgetDecisions(noon - day + 1)).toBe(0)
})
