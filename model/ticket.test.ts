import { generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
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
  it('S5: says what was signed, to whoever holds the public key', async () => {
    const { privateKey, publicKey } = await keys()
    expect(await verifyTicket(await signTicket(ticket, privateKey), [publicKey], now)).toEqual(ticket)
  })

  it('S5: is refused after its deadline', async () => {
    const { privateKey, publicKey } = await keys()
    const token = await signTicket(ticket, privateKey)
    await expect(verifyTicket(token, [publicKey], now + 16_000)).rejects.toMatchObject({ code: 'TICKET_EXPIRED' })
  })

  it('S5: is refused when another key signed it, or when one letter was changed', async () => {
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

  it('S5: garbage is refused with the same code', async () => {
    const { publicKey } = await keys()
    for (const garbage of ['', 'a', 'a.b.c', '\u0000', 'x'.repeat(5000)]) {
      await expect(verifyTicket(garbage, [publicKey], now)).rejects.toMatchObject({ code: 'TICKET_INVALID' })
    }
  })

  it('S5: while keys rotate, the one before is accepted too', async () => {
    const [old, present] = [await keys(), await keys()]
    expect(await verifyTicket(await signTicket(ticket, old.privateKey), [present.publicKey, old.publicKey], now)).toEqual(ticket)
  })

  it('S5: a public key cannot sign', async () => {
    const { publicKey } = await keys()
    await expect(signTicket(ticket, publicKey)).rejects.toThrow()
  })
})
