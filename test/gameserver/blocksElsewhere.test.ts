import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Copy } from '../../model/copy.ts'
import type { ChatEvent, SaidMessage, SayMessage } from '../../model/wire/chat.ts'
import { control } from '../../model/wire/room.ts'
import { type BlockEndpoint, startBlockEndpoint } from '../blockEndpoint.ts'
import type { Player } from './harness/player.ts'
import { Servers, until } from './harness/servers.ts'

vi.setConfig({ testTimeout: 60_000 })

let endpoint: BlockEndpoint
let servers: Servers
let forest: Copy & { state: 'open' }
beforeAll(async () => {
  endpoint = await startBlockEndpoint()
  servers = await Servers.start()
  forest = await servers.open('forest', 'forest-1', await servers.server({ SOCIAL_SOURCE: 'http', SOCIAL_SOURCE_URL: endpoint.url, SOCIAL_SOURCE_AGE_MS: '0' }))
}, 60_000)
afterAll(async () => {
  await servers[Symbol.asyncDispose]()
  await endpoint[Symbol.asyncDispose]()
})

let count = 0
async function say(player: Player, message: Partial<SayMessage>): Promise<SaidMessage> {
  const id = `test:${++count}`
  player.room.send(control.say, { channel: 'whisper', text: 'hello', ...message, id })
  return player.until(
    'an answer',
    () => player.messages.find((one) => one.type === control.said && (one.data as SaidMessage).id === id)?.data as SaidMessage | undefined,
  )
}
const heard = ({ messages }: Player, text: string): boolean => messages.some(({ type, data }) => type === control.chat && (data as ChatEvent).text === text)

it("T2: a block that only the studio's endpoint says hides the chat of a group that is in the world within the age of its answers, and its end shows it again", async () => {
  const [ann, ben, wit] = [await servers.holder('Group Ann'), await servers.holder('Group Ben'), await servers.holder('Group Wit')]
  const [a, b, witness] = [await servers.enter(ann, forest), await servers.enter(ben, forest), await servers.enter(wit, forest)]
  await until('the chat works', async () => (await say(a, { channel: 'map', text: 'first' })).code === undefined && heard(b, 'first'))
  for (const blocked of [true, false]) {
    endpoint.characters = blocked ? [[ann.character, ben.character]] : []
    // The age is 0, so a change counts after a second and the reading of the profiles.
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const text = `group ${++count}`
      expect(await say(from, { channel: 'map', text })).not.toHaveProperty('code')
      expect(await say(witness, { channel: 'map', text: `${text} of the witness` })).not.toHaveProperty('code')
      await to.until('hears the witness', () => heard(to, `${text} of the witness`))
      expect(heard(to, text)).toBe(!blocked)
      await witness.until('hears it', () => heard(witness, text))
    }
  }
  await Promise.all([a, b, witness].map(({ room }) => room.leave()))
})

it('T2: a block that only the endpoint of the studio says refuses whispers and trades between two who are in the world, as the absence of the other does', async () => {
  const [ann, ben] = [await servers.holder('Elsewhere Ann'), await servers.holder('Elsewhere Ben')]
  for (const [index, one] of [ann, ben].entries()) {
    await servers.store.accounts.describeCharacter(one.character, { settings: { presence: 'everyone' } })
    await servers.place(one, { map: 'forest', x: 100 + index, y: 100 })
  }
  const [a, b] = [await servers.enter(ann, forest), await servers.enter(ben, forest)]
  expect(await say(a, { to: ben.name, text: 'before' })).not.toHaveProperty('code')
  await b.until('hears it', () => heard(b, 'before'))
  a.room.send('trade.ask', { with: ben.entity })
  await b.message('trade.asked', 20_000)

  endpoint.characters = [[ann.character, ben.character]]
  // The profile that was read for the whisper counts for a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  for (const [from, to] of [
    [a, ben],
    [b, ann],
  ] as const) {
    const refused = await say(from, { to: to.name })
    const absent = await say(from, { to: 'Nobody Here' })
    expect({ ...refused, id: '', message: refused.message?.replace(to.name, 'X') }).toEqual({
      ...absent,
      id: '',
      message: absent.message?.replace('Nobody Here', 'X'),
    })
  }
  // Ann asked before the block, and Ben accepts after it.
  b.room.send('trade.accept', { from: ann.entity })
  expect(await b.message('refused', 20_000)).toMatchObject({ type: 'trade.accept' })
  expect(a.messages.filter(({ type }) => type === 'trade')).toEqual([])
  // A new question stays without an answer.
  const before = [a.messages.length, b.messages.length]
  a.room.send('trade.ask', { with: ben.entity })
  b.room.send('trade.ask', { with: ann.entity })
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const later = [...a.messages.slice(before[0]), ...b.messages.slice(before[1])]
  expect(later.filter(({ type }) => type.startsWith('trade.') || type === 'refused')).toEqual([])
  await Promise.all([a.room.leave(), b.room.leave()])
})
