import { beforeEach, describe, expect, it } from 'vitest'
import type { Directory } from '../../directory/directory.ts'
import type { ChatChannel, ChatMessage } from '../../model/chat/chat.ts'
import { T0 } from './directorySamples.ts'

const message = (id: string, more: Partial<ChatMessage> = {}): ChatMessage => ({ id, text: `text of ${id}`, at: T0, ...more })

/** The part of the directory contract about chat. `current` returns the directory of the running test. */
export function chatContract(current: () => Directory): void {
  describe('chat', () => {
    let directory: Directory
    beforeEach(() => {
      directory = current()
    })
    const listen = async (...channels: ChatChannel[]) => {
      const received: [ChatChannel, string][] = []
      const feed = await directory.openChat((channel, { id }) => received.push([channel, id]))
      await feed.join(channels)
      return { feed, received }
    }

    it('T1: a message reaches each feed that has joined its channel once, with all its fields', async () => {
      const [first, second] = [await listen('map:forest', 'party:p'), await listen('map:forest')]
      const received: ChatMessage[] = []
      await using whole = await directory.openChat((_, one) => received.push(one))
      await whole.join(['party:p'])
      const said = message('s:1', { from: { character: 'ann', name: 'Änn “A”', blocked: ['bob'] }, text: 'grüß dich 🌲' })
      await directory.publishChat('map:forest', message('m'))
      await directory.publishChat('map:town', message('elsewhere'))
      await directory.publishChat('party:p', said)
      await expect.poll(() => [first.received.length, second.received.length, received.length]).toEqual([2, 1, 1])
      expect(first.received).toEqual([
        ['map:forest', 'm'],
        ['party:p', 's:1'],
      ])
      expect(second.received).toEqual([['map:forest', 'm']])
      expect(received).toEqual([said])
      for (const { feed } of [first, second]) await feed[Symbol.asyncDispose]()
    })

    it('T1: messages of one caller to one channel keep their order', async () => {
      const { feed, received } = await listen('custom:trade')
      await Promise.all(Array.from({ length: 2_000 }, (_, index) => directory.publishChat('custom:trade', message(String(index)), { count: 3, ageMs: 60_000 })))
      await expect.poll(() => received.length, { timeout: 5_000 }).toBe(2_000)
      expect(received.map(([, id]) => Number(id))).toEqual(Array.from({ length: 2_000 }, (_, index) => index))
      await feed[Symbol.asyncDispose]()
    })

    it('a feed gets nothing from a channel that it left, and joins again later', async () => {
      const { feed, received } = await listen('guild:g', 'announcement')
      await feed.leave(['guild:g'])
      await directory.publishChat('guild:g', message('unseen'))
      await feed.join(['guild:g'])
      await directory.publishChat('guild:g', message('seen'))
      await directory.publishChat('announcement', message('all'))
      await expect.poll(() => received.length).toBe(2)
      expect(received).toEqual([
        ['guild:g', 'seen'],
        ['announcement', 'all'],
      ])
      await feed[Symbol.asyncDispose]()
    })

    it('the history has the last messages that were kept, not older than asked for', async () => {
      for (let index = 0; index < 5; index++) await directory.publishChat('guild:g', message(String(index), { at: T0 + index }), { count: 3, ageMs: 60_000 })
      await directory.publishChat('guild:g', message('not kept'))
      const ids = async (count: number, since: number) => (await directory.chatHistory('guild:g', count, since)).map(({ id }) => id)
      expect(await ids(10, T0)).toEqual(['2', '3', '4'])
      expect(await ids(2, T0)).toEqual(['3', '4'])
      expect(await ids(10, T0 + 4)).toEqual(['4'])
      expect(await ids(0, T0)).toEqual([])
      expect(await directory.chatHistory('guild:h', 10, T0)).toEqual([])
    })
  })
}
