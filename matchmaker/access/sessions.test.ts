import { SignJWT } from 'jose'
import { afterEach, expect, it, vi } from 'vitest'
import { VirtualClock } from '../../model/clock.ts'
import { Sessions } from './sessions.ts'

const start = 1_700_000_000_000

async function setUp() {
  const { privateKey, publicKey } = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
  const clock = new VirtualClock(start)
  const sessions = await Sessions.create({ clock, publicKeys: [publicKey], privateKey })
  const verify = vi.spyOn(crypto.subtle, 'verify')
  return { clock, sessions, privateKey, check: (token: string) => sessions.verify(`Bearer ${token}`), checked: () => verify.mock.calls.length }
}
afterEach(() => vi.restoreAllMocks())

it('checks the signature of a token once a minute', async () => {
  const { clock, sessions, check, checked } = await setUp()
  const token = await sessions.issue('ada')
  expect([await check(token), await check(token)]).toEqual(Array(2).fill({ account: 'ada', roles: [], development: true }))
  clock.advance(60_000)
  await check(token)
  expect(checked()).toBe(1)
  clock.advance(1)
  await check(token)
  expect(checked()).toBe(2)
})

it('X1: rejects a token after its expiry, even when it was verified less than a minute ago', async () => {
  const { clock, sessions, privateKey, check } = await setUp()
  const kid = sessions.jwks.keys[0]?.kid ?? ''
  const token = await new SignJWT()
    .setProtectedHeader({ alg: 'EdDSA', kid })
    .setSubject('ada')
    .setAudience('strata:session')
    .setExpirationTime(start / 1000 + 10)
    .sign(privateKey)
  await check(token)
  clock.advance(9_999)
  await check(token)
  clock.advance(1)
  await expect(check(token)).rejects.toMatchObject({ code: 'SESSION_INVALID' })
})
