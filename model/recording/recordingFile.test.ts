import { expect, it } from 'vitest'
import { readRecordingLine, recordingLine } from './recordingFile.ts'

const [from, until] = [Date.UTC(2027, 0, 31, 20), Date.UTC(2027, 0, 31, 20, 0, 5, 250)]
const stay = { avatar: 'a1', map: 'forest', kind: 'zone', from, until, languages: ['de', 'pt-br'], friends: ['b2', 'c3'] } as const

it('a row of a recording is read as it was written, with and without guild, party and friends', () => {
  const rows = [{ stay: { ...stay, guild: 'g', party: 'p' } }, { stay: { ...stay, friends: [] } }, { span: { from, until } }]
  for (const row of rows) expect(readRecordingLine(recordingLine(row))).toEqual(row)
  expect(recordingLine({ stay: { ...stay, guild: 'g' } })).toBe('a1,forest,zone,2027-01-31T20:00:00.000Z,2027-01-31T20:00:05.250Z,g,,de pt-br,b2 c3')
  expect(recordingLine({ span: { from, until } })).toBe(',,recorded,2027-01-31T20:00:00.000Z,2027-01-31T20:00:05.250Z,,,,')
})

it.each([
  ['a1,forest,zone', 'it has 3 columns, not 9'],
  ['a1,forest,zone,yesterday,2027-01-31T20:00:05Z,,,de,', 'from is not a time such as'],
  ['a1,forest,zone,2027-01-31T20:00:05Z,2027-01-31T20:00:05Z,,,de,', 'is not after from'],
  ['a1,forest,dungeon,2027-01-31T20:00:00Z,2027-01-31T20:00:05Z,,,de,', 'kind is zone, instance or recorded; not "dungeon"'],
  [',forest,zone,2027-01-31T20:00:00Z,2027-01-31T20:00:05Z,,,de,', 'avatar is missing'],
  ['a1,,zone,2027-01-31T20:00:00Z,2027-01-31T20:00:05Z,,,de,', 'map is missing'],
  ['a1,forest,zone,2027-01-31T20:00:00Z,2027-01-31T20:00:05Z,,,,', 'languages is empty'],
  ['a1,forest,zone,2027-01-31T20:00:00Z,2027-01-31T20:00:05Z,"g",,de,', '""g"" is not a pseudonym'],
  ['a1,,recorded,2027-01-31T20:00:00Z,2027-01-31T20:00:05Z,,,,', 'has no avatar'],
])('X1: %s is refused with the reason', (line, reason) => {
  expect(readRecordingLine(line)).toContain(reason)
})
