import { expect, it } from 'vitest'
import { cleanText, foldChannel } from './chatText.ts'

it.each([
  ['  hello \n\t world ', 'hello world'],
  ['a\u0000b\u001b[31mc', 'ab[31mc'],
  ['safe\u202etxt.exe\u2066', 'safetxt.exe'],
  ['z\u200ber\ufeffo', 'zero'],
  [`a${'\u0315'.repeat(20)}`, `a${'\u0315'.repeat(4)}`],
  ['👩‍👩‍👧 می‌خواهم', '👩‍👩‍👧 می‌خواهم'],
  ['lone \ud800 half', 'lone  half'],
])('X1: the text %j is shown as %j', (raw, text) => {
  expect(cleanText(raw, 100)).toEqual({ text })
})

it.each(['', '   ', '\u200d\u200d', '\u0000', '\u202e\u202c', '\u0315\u0315'])('X1: the text %j has nothing to read', (raw) => {
  expect(cleanText(raw, 100)).toHaveProperty('problem')
})

it('X1: the length of a text is counted in characters, not in UTF-16 units', () => {
  expect(cleanText('🌲'.repeat(10), 10)).toEqual({ text: '🌲'.repeat(10) })
  expect(cleanText('🌲'.repeat(11), 10)).toEqual({ problem: 'it has 11 characters, and 10 are allowed' })
})

it('names of custom channels have no case and no spaces, and are not empty', () => {
  expect(foldChannel('Trade')).toBe(foldChannel('ＴＲＡＤＥ'))
  for (const name of ['', ' ', 'a b', '-a', 'a:b', 'x'.repeat(33), '\u202ea']) expect(foldChannel(name), name).toBeUndefined()
})
