import { decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { keyId } from './signature.ts'
import { signTicket, type Ticket, verifyTicket } from './ticket.ts'

const keys = () => generateKeyPair('EdDSA', { extractable: true })
const now = 1_700_000_000_000
const ticket: Ticket = {
  id: 't-1',
  holder: { character: 'c-1', entity: 7, name: 'Ada', language: 'en', guild: 'g-1' },
  copy: 'forest-1',
  expires: now + 15_000,
}

describe('ticket', () => {
  it('S5: is verified with the public key and returns what was signed', async () => {
    const { privateKey, publicKey } = await keys()
    expect(await verifyTicket(await signTicket(ticket, privateKey), [publicKey], now)).toEqual(ticket)
  })

  it('S5: is refused after its deadline', async () => {
    const { privateKey, publicKey } = await keys()
    const token = await signTicket(ticket, privateKey)
    await expect(verifyTicket(token, [publicKey], now + 16_000)).rejects.toMatchObject({ code: 'TICKET_EXPIRED' })
  })

  it('S5: is refused when another key signed it or its content was changed', async () => {
    const [ours, theirs] = [await keys(), await keys()]
    const forged = await signTicket(ticket, theirs.privateKey)
    await expect(verifyTicket(forged, [ours.publicKey], now)).rejects.toMatchObject({ code: 'TICKET_INVALID' })
    const [head, body, signature] = (await signTicket(ticket, ours.privateKey)).split('.')
    const changed = Buffer.from(body ?? '', 'base64url')
      .toString()
      .replace('forest-1', 'forest-2')
    const token = [head, Buffer.from(changed).toString('base64url'), signature].join('.')
    await expect(verifyTicket(token, [ours.publicKey], now)).rejects.toMatchObject({ code: 'TICKET_INVALID' })
  })

  it('S5: refuses malformed tokens with TICKET_INVALID', async () => {
    const { publicKey } = await keys()
    for (const garbage of ['', 'a', 'a.b.c', '\u0000', 'x'.repeat(5000)]) {
      await expect(verifyTicket(garbage, [publicKey], now)).rejects.toMatchObject({ code: 'TICKET_INVALID' })
    }
  })

  it('S5: accepts a ticket signed with the previous key during a rotation', async () => {
    const [old, present] = [await keys(), await keys()]
    expect(await verifyTicket(await signTicket(ticket, old.privateKey), [present.publicKey, old.publicKey], now)).toEqual(ticket)
  })

  it('S5: reports TICKET_EXPIRED whichever accepted key signed the ticket', async () => {
    const [old, present] = [await keys(), await keys()]
    const token = await signTicket(ticket, old.privateKey)
    const accepted = [old.publicKey, present.publicKey]
    await expect(verifyTicket(token, accepted, now + 16_000)).rejects.toMatchObject({ code: 'TICKET_EXPIRED' })
    await expect(verifyTicket(token, accepted.toReversed(), now + 16_000)).rejects.toMatchObject({ code: 'TICKET_EXPIRED' })
  })

  it('S5: a ticket names its key, and is refused when another key signed it', async () => {
    const [ours, theirs] = [await keys(), await keys()]
    const token = await signTicket(ticket, ours.privateKey)
    const { kid } = decodeProtectedHeader(token)
    expect(kid).toBe(await keyId(ours.publicKey))
    const lying = await new SignJWT({ holder: { ...ticket.holder }, copy: ticket.copy })
      .setProtectedHeader({ alg: 'EdDSA', kid: kid ?? '' })
      .setJti('t-2')
      .setSubject('c-1')
      .setAudience('strata:server')
      .setExpirationTime(Math.ceil(ticket.expires / 1000))
      .sign(theirs.privateKey)
    await expect(verifyTicket(lying, [ours.publicKey, theirs.publicKey], now)).rejects.toMatchObject({ code: 'TICKET_INVALID' })
  })

  it('S5: a ticket without a key id is checked against every accepted key', async () => {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: false })
    const other = await keys()
    const token = await signTicket(ticket, privateKey)
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA' })
    expect(await verifyTicket(token, [other.publicKey, publicKey], now)).toEqual(ticket)
  })

  it('S5: a public key cannot sign', async () => {
    const { publicKey } = await keys()
    await expect(signTicket(ticket, publicKey)).rejects.toThrow()
  })
})
