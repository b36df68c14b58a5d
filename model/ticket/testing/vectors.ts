import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import type { ErrorCode } from '../../errors.ts'
import { tokenHeader } from '../signature.ts'
import { signTicket, type Ticket } from '../ticket.ts'

/** What docs/reference/ticket-vectors.json contains. */
export interface TicketVectors {
  /** Public keys that are accepted. */
  keys: JWK[]
  /** The time at which the tokens are checked. */
  now: number
  accepted: { title: string; token: string; ticket: Ticket }[]
  refused: { reason: string; token: string; code: ErrorCode }[]
}

/** Keys of these vectors only. They are published, so no server may accept them. */
const secrets: JWK[] = [
  { kty: 'OKP', crv: 'Ed25519', x: 'LpPeHjSjcMry1-onJjCs2m6Vo3WiwVKK5Sbqy6azdr0', d: 'wojIjqfSTRUUMHVWmUidBG2IYCk18wX1am9Niv-id58' },
  { kty: 'OKP', crv: 'Ed25519', x: 'SZCvN0_4kaN7ecrErvT2BrEx8cl9lpnHWDckyXzC-0E', d: 'YUUidxNWKW8BMeK8nV8lQ8s1cufxVdiU5f487wd5VjA' },
  { kty: 'OKP', crv: 'Ed25519', x: 'nB2Hy1DHlZVmgg5Yk2DxE_Xgt8P1gbHa859GHpojg98', d: 'bPQymZrj7j3eNPDqYgdLndqRKY37gCavZfzy690Jm2E' },
]
const NOW = 1_800_000_000_000

/** Ed25519 signs without randomness, so the tokens are the same each time. */
export async function ticketVectors(): Promise<TicketVectors> {
  const [present, previous, foreign] = (await Promise.all(secrets.map((jwk) => importJWK(jwk, 'EdDSA', { extractable: true })))) as [
    CryptoKey,
    CryptoKey,
    CryptoKey,
  ] // OKP keys
  const login: Ticket = {
    id: 'ticket-1',
    holder: { character: 'c-ada', entity: 7, name: 'Ada', language: 'en', guild: 'g-oaks' },
    copy: 'forest-1',
    expires: NOW + 15_250,
    permit: 'permit-of-the-database',
  }
  const move: Ticket = {
    id: 'ticket-2',
    holder: { character: 'c-zoe', entity: 9, name: 'Zoë', language: 'fr', languages: ['de'], party: 'p-1' },
    copy: 'forest-2',
    expires: NOW + 35_000,
    move: 'move-1',
  }
  const good = await signTicket(login, present)
  const [head = '', body = '', signature = ''] = good.split('.')
  const signed = async (claims: JWTPayload, key: CryptoKey = present): Promise<string> =>
    new SignJWT(claims).setProtectedHeader(await tokenHeader(key)).sign(key)
  const claims: JWTPayload = { holder: { ...login.holder }, copy: login.copy, jti: 'ticket-3', sub: 'c-ada', aud: 'strata:server', exp: NOW / 1000 + 15 }
  const without = (claim: string): JWTPayload => Object.fromEntries(Object.entries(claims).filter(([name]) => name !== claim))
  return {
    keys: secrets.slice(0, 2).map(({ d: _, ...jwk }) => jwk),
    now: NOW,
    accepted: [
      { title: 'the ticket of a login', token: good, ticket: login },
      { title: 'the ticket of a move, signed with the previous key', token: await signTicket(move, previous), ticket: move },
    ],
    refused: [
      { reason: 'its deadline is over', token: await signTicket({ ...login, expires: NOW - 1 }, present), code: 'TICKET_EXPIRED' },
      { reason: 'a key that is not accepted signed it', token: await signTicket(login, foreign), code: 'TICKET_INVALID' },
      {
        reason: 'its header names an accepted key, and another one signed it',
        token: await new SignJWT(claims).setProtectedHeader(await tokenHeader(present)).sign(foreign),
        code: 'TICKET_INVALID',
      },
      {
        reason: 'a claim was changed after it was signed',
        token: [head, encoded(decoded(body).replace('forest-1', 'forest-9')), signature].join('.'),
        code: 'TICKET_INVALID',
      },
      { reason: 'a byte of the signature was changed', token: [head, body, changed(signature)].join('.'), code: 'TICKET_INVALID' },
      { reason: 'it has no signature', token: `${head}.${body}.`, code: 'TICKET_INVALID' },
      { reason: 'its algorithm is "none"', token: `${encoded('{"alg":"none"}')}.${body}.`, code: 'TICKET_INVALID' },
      { reason: 'its algorithm is HS256, with the public key as the secret', token: await withPublicKeyAsSecret(claims), code: 'TICKET_INVALID' },
      { reason: 'it is for another audience, such as a session', token: await signed({ ...claims, aud: 'strata:session' }), code: 'TICKET_INVALID' },
      { reason: 'it has no audience', token: await signed(without('aud')), code: 'TICKET_INVALID' },
      { reason: 'it has no deadline', token: await signed(without('exp')), code: 'TICKET_INVALID' },
      { reason: 'it has no id', token: await signed(without('jti')), code: 'TICKET_INVALID' },
      { reason: 'its subject is another character than its holder', token: await signed({ ...claims, sub: 'c-bob' }), code: 'TICKET_INVALID' },
      { reason: 'it is no JWT', token: 'ticket', code: 'TICKET_INVALID' },
      { reason: 'it is empty', token: '', code: 'TICKET_INVALID' },
    ],
  }
}

async function withPublicKeyAsSecret(claims: JWTPayload): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secrets[0]?.x ?? '', 'base64url'))
}

const encoded = (text: string): string => Buffer.from(text).toString('base64url')
const decoded = (text: string): string => Buffer.from(text, 'base64url').toString()

function changed(signature: string): string {
  const bytes = Buffer.from(signature, 'base64url')
  bytes[5] = (bytes[5] ?? 0) ^ 1
  return bytes.toString('base64url')
}
