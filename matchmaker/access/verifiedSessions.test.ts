import { expect, it } from 'vitest'
import { VerifiedSessions } from './verifiedSessions.ts'

it('a verified token is remembered for a minute, and never past its own end', () => {
  const kept = new VerifiedSessions<string>()
  kept.keep('long', 'Ada', 0, 3_600_000)
  kept.keep('short', 'Bela', 0, 10_000)
  expect([kept.get('long', 59_999), kept.get('short', 9_999), kept.get('other', 0)]).toEqual(['Ada', 'Bela', undefined])
  expect([kept.get('long', 60_000), kept.get('short', 10_000)]).toEqual([undefined, undefined])
})

it('X1: however many tokens come, the oldest are forgotten', () => {
  const kept = new VerifiedSessions<number>()
  for (let i = 0; i < 30_000; i++) kept.keep(`token ${i}`, i, 0, 60_000)
  expect(kept.get('token 0', 1)).toBeUndefined()
  expect(kept.get('token 29999', 1)).toBe(29_999)
})
