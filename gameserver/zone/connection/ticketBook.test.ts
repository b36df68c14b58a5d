import { expect, it } from 'vitest'
import { FRAME_BURST, FRAMES_PER_SECOND, FrameBudget } from './frameBudget.ts'
import { TicketBook } from './ticketBook.ts'

it('S5: a ticket works once, and is forgotten after it has expired', () => {
  const book = new TicketBook()
  book.use({ id: 'a', expires: 15_000 }, 0)
  expect(() => book.use({ id: 'a', expires: 15_000 }, 14_999)).toThrow(expect.objectContaining({ code: 'TICKET_USED' }))
  expect(book.used('a')).toBe(true)
  book.use({ id: 'b', expires: 90_000 }, 60_000)
  expect(book.size).toBe(1)
})

it('X1: a client may send one burst and a sustained rate, and no more', () => {
  const budget = new FrameBudget(0)
  for (let frame = 0; frame < FRAME_BURST; frame++) expect(budget.take(0)).toBe(true)
  expect(budget.take(0)).toBe(false)
  for (let ms = 1_000; ms <= 20_000; ms += 1_000) for (let frame = 0; frame < FRAMES_PER_SECOND; frame++) expect(budget.take(ms)).toBe(true)
  expect(budget.take(20_000)).toBe(false)
})
