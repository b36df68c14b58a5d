import { expect, it } from 'vitest'
import { containedKeys, type InstanceKeys, type InstanceQuestion, ownerId, privateKey } from './instanceKey.ts'

const ada = { character: 'c-1', name: 'Ada', language: 'en', guild: 'g-1' }
const question: InstanceQuestion = { map: 'cave', character: ada, leader: ada, party: 'p-1', members: ['c-1'] }

it('a key function that throws or returns no valid key gives undefined, and says what happened', () => {
  const failed: [string, unknown][] = []
  const given: Record<string, unknown> = {
    good: ({ leader }: InstanceQuestion) => `guild:${leader.guild}`,
    longest: () => 'x'.repeat(64),
    throws: () => {
      throw new Error('no such quest')
    },
    long: () => 'x'.repeat(65),
    empty: () => '',
    space: () => 'party p-2',
    line: () => 'a\nb',
    letter: () => 'höhle',
    number: () => 5,
    none: () => undefined,
    later: () => Promise.resolve('all'),
  }
  const keys = containedKeys(given as InstanceKeys, (name, problem) => failed.push([name, (problem as Error).message])) // what a game in JavaScript can export
  expect(Object.fromEntries(Object.entries(keys).flatMap(([name, keyOf]) => (keyOf(question) === undefined ? [] : [[name, keyOf(question)]])))).toEqual({
    good: 'guild:g-1',
    longest: 'x'.repeat(64),
  })
  const wanted = 'instead of 1 to 64 visible ASCII characters'
  expect(Object.fromEntries(failed)).toEqual({
    'instanceKeys.throws': 'no such quest',
    'instanceKeys.long': `it returned 65 characters ${wanted}`,
    'instanceKeys.empty': `it returned "" ${wanted}`,
    'instanceKeys.space': `it returned "party p-2" ${wanted}`,
    'instanceKeys.line': `it returned "a\\nb" ${wanted}`,
    'instanceKeys.letter': `it returned "höhle" ${wanted}`,
    'instanceKeys.number': `it returned a number ${wanted}`,
    'instanceKeys.none': `it returned undefined ${wanted}`,
    'instanceKeys.later': `it returned a promise ${wanted}`,
  })
})

it('the instance of a group without a key is private, and no game can return its key', () => {
  expect(privateKey(question)).toBe('party p-1')
  const { party: _party, ...alone } = question
  expect(privateKey(alone)).toBe('character c-1')
  const { stolen } = containedKeys({ stolen: () => privateKey(question) }, () => {})
  expect(stolen?.(question)).toBeUndefined()
})

it('a party and a key of the same text own different instances', () => {
  expect(ownerId({ party: 'red' })).not.toBe(ownerId({ instanceKey: 'red' }))
  expect(ownerId({ party: 'red', instanceKey: 'blue' })).toBe(ownerId({ instanceKey: 'blue' }))
  expect(ownerId({})).toBeUndefined()
})
