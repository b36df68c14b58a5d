import { expect, it } from 'vitest'
import type { MoveMember, MoveOrder } from '../../model/move.ts'
import { createSealKeys, openTicket, sealOrder } from './sealedTickets.ts'

const [server, other] = [createSealKeys(), createSealKeys()]
const order: MoveOrder = {
  id: 'move-1',
  cause: 'merge',
  members: [{ character: 'ada', ticket: 'ticket of ada 🐉' }],
  from: { map: 'm', copy: 'a', server: 's' },
  to: { map: 'm', copy: 'b', server: 't', address: 'ws://t', heldUntil: 2 },
  ordered: 0,
  deadline: 1,
}
const first = ({ members: [member] }: MoveOrder): MoveMember => member ?? { character: '', ticket: '' }
const sealedFor = async (key: string | null): Promise<MoveMember> => first(await sealOrder(order, async () => new Map([['ada', key]])))

it('S5: only the server that holds the character opens the ticket of its move', async () => {
  const member = await sealedFor(server.publicKey)
  expect(JSON.stringify(member)).not.toContain('ticket of ada')
  expect(openTicket('move-1', member, server)).toBe('ticket of ada 🐉')
  expect(openTicket('move-1', member, other)).toBeUndefined()
  expect(openTicket('move-1', member, undefined)).toBeUndefined()
})

it('S5: a sealed ticket belongs to its move and character, and two seals of one ticket differ', async () => {
  const member = await sealedFor(server.publicKey)
  expect(openTicket('move-2', member, server)).toBeUndefined()
  expect(openTicket('move-1', { ...member, character: 'bob' }, server)).toBeUndefined()
  expect((await sealedFor(server.publicKey)).ticket).not.toBe(member.ticket)
})

it('X1: a damaged seal is no ticket', async () => {
  const { ticket } = await sealedFor(server.publicKey)
  for (const damaged of ['sealed.', 'sealed..', 'sealed.AAAA.BBBB', ticket.slice(0, -2), `${ticket.slice(0, -4)}AAAA`])
    expect(openTicket('move-1', { character: 'ada', ticket: damaged }, server), damaged).toBeUndefined()
})

it('a character whom no registered server holds keeps a plain ticket; one whose server is gone gets no order', async () => {
  expect(openTicket('move-1', await sealedFor(null), undefined)).toBe('ticket of ada 🐉')
  await expect(sealOrder(order, async () => new Map())).rejects.toMatchObject({ code: 'NOT_IN_WORLD' })
})
