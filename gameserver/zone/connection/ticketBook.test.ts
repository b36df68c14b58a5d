import { expect, it } from 'vitest'
import { TicketBook } from './ticketBook.ts'

it('S5: a ticket works once, and is forgotten after it has expired', () => {
  const book = new TicketBook()
  book.use({ id: 'a', expires: 15_000 }, 0)
  expect(() => book.use({ id: 'a', expires: 15_000 }, 14_999)).toThrow(expect.objectContaining({ code: 'TICKET_USED' }))
  book.use({ id: 'b', expires: 90_000 }, 60_000)
  expect(book.size).toBe(1)
})
