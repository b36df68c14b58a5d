import fc from 'fast-check'
import { generateKeyPair, SignJWT } from 'jose'
import { beforeAll, expect, it } from 'vitest'
import { readLineTicket, signLineTicket } from '../../matchmaker/queue/lineTicket.ts'
import { StrataError } from '../../model/errors.ts'
import { scopes, signServiceToken, verifyServiceToken } from '../../model/ticket/serviceToken.ts'
import { signTicket, verifyTicket } from '../../model/ticket/ticket.ts'
import { fuzz, roughText, timeout } from './fuzz.ts'

const now = 1_700_000_000_000
const expires = now + 60_000
const holder = { character: 'victim', entity: 7, name: 'Victim', language: 'en' }
let pair: { privateKey: CryptoKey; publicKey: CryptoKey }
let stranger: CryptoKey
let valid: Record<'seat' | 'line' | 'service', string>
beforeAll(async () => {
  pair = await generateKeyPair('EdDSA', { extractable: true })
  stranger = (await generateKeyPair('EdDSA', { extractable: true })).privateKey
  valid = {
    seat: await signTicket({ id: 'seat', holder, copy: 'town-1', expires }, pair.privateKey),
    line: await signLineTicket({ id: 'line', map: 'town', holders: [holder], rank: 0, arrived: now, keepUntil: expires }, pair.privateKey),
    service: await signServiceToken({ name: 'tool', scopes, expires }, pair.privateKey, now),
  }
})

const readers = {
  seat: (token: string) => verifyTicket(token, [pair.publicKey], now),
  line: (token: string) => readLineTicket(token, [pair.publicKey], now),
  /** As `ServiceCallers` does, which gives every failure the same code. */
  service: (token: string) =>
    verifyServiceToken(token, [pair.publicKey], now).catch((error: unknown) => {
      throw new StrataError('SERVICE_TOKEN', { problem: String(error) })
    }),
} as const
const kinds = ['seat', 'line', 'service'] as const
const kind = fc.constantFrom(...kinds)

/** A change of a valid token: characters, whole parts, its header or its claims, signed by nobody or by a stranger. */
const forgery = fc.oneof(
  fc.record({ how: fc.constant('characters' as const), at: fc.nat(), put: roughText(4), cut: fc.nat(3) }),
  fc.record({ how: fc.constant('parts' as const), order: fc.array(fc.nat(2), { maxLength: 5 }) }),
  fc.record({
    how: fc.constant('header' as const),
    header: fc.record({ alg: fc.constantFrom('none', 'HS256', 'EdDSA', 'RS256', '', 'ES256'), kid: roughText(3) }),
  }),
  fc.record({
    how: fc.constant('claims' as const),
    claims: fc.dictionary(fc.constantFrom('exp', 'nbf', 'jti', 'sub', 'aud', 'copy', 'holder', 'entry', 'scope'), fc.jsonValue()),
  }),
  fc.record({ how: fc.constant('text' as const), text: roughText(40) }),
)

it('S5: a token that was changed in any way, or made for another purpose, is refused with a code', { timeout }, async () => {
  await fuzz('tickets', fc.record({ of: kind, to: kind, forgery }), 1_500, async ({ of, to, forgery }) => {
    const token = await forge(valid[of], forgery)
    if (token === undefined || (of === to && sameToken(token, valid[of]))) return
    await expect(readers[to](token)).rejects.toBeInstanceOf(StrataError)
  })
})

it('S5: each reader accepts its own token and no other', async () => {
  for (const of of kinds) {
    await expect(readers[of](valid[of])).resolves.toBeDefined()
    for (const to of kinds) if (to !== of) await expect(readers[to](valid[of]), `${of} as ${to}`).rejects.toBeInstanceOf(StrataError)
  }
})

type Forgery = typeof forgery extends fc.Arbitrary<infer F> ? F : never

/** Undefined when the claims cannot be written. */
async function forge(token: string, change: Forgery): Promise<string | undefined> {
  const parts = token.split('.')
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  switch (change.how) {
    case 'characters': {
      const at = change.at % (token.length + 1)
      return token.slice(0, at) + change.put + token.slice(at + change.cut)
    }
    case 'parts':
      return change.order.map((index) => parts[index] ?? '').join('.')
    case 'header':
      return [part(change.header), parts[1], parts[2]].join('.')
    case 'claims': {
      const claims: Record<string, unknown> = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString())
      const forged = { ...claims, ...change.claims }
      if (change.claims['exp'] === undefined) return [parts[0], part(forged), parts[2]].join('.')
      return new SignJWT(forged)
        .setProtectedHeader({ alg: 'EdDSA' })
        .sign(stranger)
        .catch(() => undefined)
    }
    case 'text':
      return change.text
  }
}

/** Whether two texts decode to the same bytes: base64url ignores the lowest bits of the last character. */
function sameToken(one: string, other: string): boolean {
  const decoded = (token: string): string =>
    token
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('hex'))
      .join('.')
  return one === other || decoded(one) === decoded(other)
}
