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

it('X1: rejects a correctly signed token that never expires, of its own login and of the identity provider', async () => {
  const { sessions, privateKey, check, clock } = await setUp()
  const kid = sessions.jwks.keys[0]?.kid ?? ''
  const endless = await new SignJWT().setProtectedHeader({ alg: 'EdDSA', kid }).setSubject('ada').setAudience('strata:session').sign(privateKey)
  await expect(check(endless)).rejects.toMatchObject({ code: 'SESSION_INVALID', details: { problem: expect.stringContaining('expiry') } })
  const keySet = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json(sessions.jwks))
  const studio = await Sessions.create({ clock, publicKeys: [], identityProvider: { jwks: new URL('https://studio.example/jwks'), issuer: 'studio' } })
  const sign = (exp?: number) => {
    const token = new SignJWT().setProtectedHeader({ alg: 'EdDSA', kid }).setSubject('ada').setIssuer('studio')
    return (exp === undefined ? token : token.setExpirationTime(exp)).sign(privateKey)
  }
  await expect(studio.verify(`Bearer ${await sign(start / 1000 + 60)}`)).resolves.toMatchObject({ account: 'ada' })
  await expect(studio.verify(`Bearer ${await sign()}`)).rejects.toMatchObject({ code: 'SESSION_INVALID' })
  expect(keySet).toHaveBeenCalled()
})
