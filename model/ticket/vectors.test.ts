import { readFileSync } from 'node:fs'
import { importJWK } from 'jose'
import { expect, it } from 'vitest'
import { type TicketVectors, ticketVectors } from './testing/vectors.ts'
import { verifyTicket } from './ticket.ts'

const written = JSON.parse(readFileSync(new URL('../../docs/reference/ticket-vectors.json', import.meta.url), 'utf8')) as TicketVectors // written by model/wire/entities/testing/writeVectors.ts
const keys = (await Promise.all(written.keys.map((jwk) => importJWK(jwk, 'EdDSA', { extractable: true })))) as CryptoKey[] // Ed25519 keys

it('S5: a server accepts the published tickets that are right, with what stands beside them', async () => {
  expect(written.accepted.length).toBeGreaterThan(1)
  for (const { title, token, ticket } of written.accepted) expect(await verifyTicket(token, keys, written.now), title).toEqual(ticket)
})

it('S5: a server refuses the published tickets that are wrong, with the code that stands beside them', async () => {
  expect(written.refused.length).toBeGreaterThan(10)
  for (const { reason, token, code } of written.refused) await expect(verifyTicket(token, keys, written.now), reason).rejects.toMatchObject({ code })
})

it('the published tickets are those that the code signs', async () => {
  // After a change: node model/wire/entities/testing/writeVectors.ts
  expect(JSON.parse(JSON.stringify(await ticketVectors()))).toEqual(written)
})
