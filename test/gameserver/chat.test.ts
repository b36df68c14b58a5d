import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Copy } from '../../model/copy.ts'
import { defined } from '../../model/defined.ts'
import type { SeatHolder } from '../../model/seat.ts'
import type { ChatEvent, SaidMessage, SayMessage } from '../../model/wire/chat.ts'
import { control } from '../../model/wire/room.ts'
import { makeCharacter, makeParty } from '../people.ts'
import { startTcpProxy } from '../tcpProxy.ts'
import { Player } from './harness/player.ts'
import { type Served, Servers, until } from './harness/servers.ts'

type OpenCopy = Copy & { state: 'open' }

let servers: Servers
let [east, west]: Served[] = []
let [town, farTown, forest]: OpenCopy[] = []
const at = (copy: OpenCopy | undefined): OpenCopy => {
  if (copy === undefined) throw new Error('the copy was not opened')
  return copy
}

beforeAll(async () => {
  servers = await Servers.start()
  east = await servers.server({ CHAT_HISTORY: 'guild=3/600' })
  west = await servers.server({ CHAT_HISTORY: 'guild=3/600' })
  if (east === undefined || west === undefined) throw new Error('a server did not start')
  town = await servers.open('town', 'town-1', east)
  farTown = await servers.open('town', 'town-2', west)
  forest = await servers.open('forest', 'forest-1', west)
}, 60_000)
afterAll(async () => {
  await servers[Symbol.asyncDispose]()
})

async function person(name: string, guild?: string): Promise<SeatHolder> {
  const { character, entity, language, guild: own } = await makeCharacter(servers.store, { name, ...defined({ guild }) })
  return { character, entity, name, language, ...defined({ guild: own }) }
}

let count = 0
/** Says something and returns the server's answer. Waits as long as the speaker has said too much. */
async function say(player: Player, message: Partial<SayMessage>): Promise<SaidMessage> {
  for (;;) {
    const id = `test:${++count}`
    player.room.send(control.say, { channel: 'map', text: 'hello', ...message, id })
    const answer = await player.until(
      'an answer',
      () => player.messages.find((one) => one.type === control.said && (one.data as SaidMessage).id === id)?.data as SaidMessage | undefined,
    )
    if (answer.code !== 'TOO_MANY_REQUESTS') return answer
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
const heard = (player: Player): ChatEvent[] => player.messages.filter(({ type }) => type === control.chat).map(({ data }) => data as ChatEvent)
const texts = (player: Player): string[] => heard(player).map(({ text }) => text)
const hears = (player: Player, text: string): Promise<ChatEvent> => player.until(`hears "${text}"`, () => heard(player).find((one) => one.text === text))
/** Resolves when a later message in the map's channel has arrived, so that an earlier one would have arrived, too. */
async function settled(speaker: Player, ...players: Player[]): Promise<void> {
  const text = `settled ${++count}`
  expect(await say(speaker, { text })).not.toHaveProperty('code')
  await Promise.all(players.map((player) => hears(player, text)))
}

it('map chat reaches all copies of the map on all servers, and no other map', async () => {
  const ann = await servers.enter(await person('Map Ann'), at(town))
  const bob = await servers.enter(await person('Map Bob'), at(farTown))
  const eve = await servers.enter(await person('Map Eve'), at(forest))
  await settled(bob, ann)
  expect(await say(ann, { text: '  good\tday,\u202e all\u0000 ' })).toEqual({ id: expect.any(String) })
  expect(await hears(bob, 'good day, all')).toMatchObject({ channel: 'map', from: { name: 'Map Ann' } })
  expect(await hears(ann, 'good day, all')).toMatchObject({ channel: 'map' })
  expect(texts(eve)).toEqual([])
})

it('party and guild chat reach their members on any map, and only while they are members', async () => {
  const [ada, ben, cat] = [await person('Guild Ada', 'Lamplighters'), await person('Guild Ben', 'Lamplighters'), await person('Guild Cat')]
  await makeParty(servers.store, 'party-ab', [ada.character, cat.character])
  const [a, b, c] = [await servers.enter(ada, at(town)), await servers.enter(ben, at(forest)), await servers.enter(cat, at(farTown))]
  await settled(a, c)
  await until('the guild hears', async () => {
    await say(a, { channel: 'guild', text: 'guild meeting' })
    return texts(b).includes('guild meeting')
  })
  await say(a, { channel: 'party', text: 'follow me' })
  expect(await hears(c, 'follow me')).toMatchObject({ channel: 'party', from: { name: 'Guild Ada' } })
  expect(texts(b)).not.toContain('follow me')
  expect(texts(c)).not.toContain('guild meeting')
  expect(await say(b, { channel: 'party' })).toMatchObject({ code: 'CHANNEL_UNKNOWN' })
  await servers.store.social.leaveParty(cat.character)
  await servers.directory.tellServer({ type: 'profilesChanged', server: west?.name ?? '', characters: [cat.character] })
  await until('the former member cannot speak', async () => (await say(c, { channel: 'party' })).code === 'CHANNEL_UNKNOWN')
  const before = heard(c).filter(({ channel }) => channel === 'party').length
  await say(a, { channel: 'party', text: 'alone now' })
  await settled(a, c)
  expect(heard(c).filter(({ channel }) => channel === 'party')).toHaveLength(before)
})

it('T2: a block hides every channel in both directions, and the sender gets the answer of an offline character or of a delivered message', async () => {
  const [mia, tom] = [await person('Block Mia', 'Quarrel'), await person('Block Tom', 'Quarrel')]
  for (const { character } of [mia, tom]) await servers.store.accounts.describeCharacter(character, { settings: { presence: 'everyone' } })
  const witness = await servers.enter(await person('Block Witness', 'Quarrel'), at(town))
  const [m, t] = [await servers.enter(mia, at(town)), await servers.enter(tom, at(farTown))]
  await settled(m, t, witness)
  expect(await say(m, { channel: 'whisper', to: 'block tom', text: 'psst' })).not.toHaveProperty('code')
  expect(await hears(t, 'psst')).toMatchObject({ channel: 'whisper', from: { character: mia.character } })
  await servers.store.social.block(tom.character, mia.character)
  for (const [server, { character }] of [
    [east, mia],
    [west, tom],
  ] as const)
    await servers.directory.tellServer({ type: 'profilesChanged', server: server?.name ?? '', characters: [character] })
  await new Promise((resolve) => setTimeout(resolve, 1_000)) // a block counts within a second
  const [forTom, forMia] = [texts(t).length, texts(m).length]
  for (const [from, to, other] of [
    [m, tom, 'Block Tom'],
    [t, mia, 'Block Mia'],
  ] as const) {
    for (const channel of ['map', 'guild'] as const)
      expect(await say(from, { channel, text: `from behind the block in ${channel}` })).not.toHaveProperty('code')
    const refused = await say(from, { channel: 'whisper', to: other })
    const offline = await say(from, { channel: 'whisper', to: 'Nobody Here' })
    expect({ ...refused, id: '', message: refused.message?.replace(other, 'X') }).toEqual({
      ...offline,
      id: '',
      message: offline.message?.replace('Nobody Here', 'X'),
    })
    expect(to.name).toBe(other)
  }
  await settled(witness, m, t)
  expect(
    texts(t)
      .slice(forTom)
      .filter((text) => text.includes('behind the block')),
  ).toEqual(['from behind the block in map', 'from behind the block in guild'])
  expect(
    heard(t)
      .slice(forTom)
      .every(({ from }) => from?.character !== mia.character),
  ).toBe(true)
  expect(
    heard(m)
      .slice(forMia)
      .every(({ from }) => from?.character !== tom.character),
  ).toBe(true)
  expect(texts(witness).filter((text) => text.includes('behind the block'))).toHaveLength(4)
})

it('a whisper to a character that shows its presence to friends only gets the answer of an offline one, until that character whispers', async () => {
  const [shy, fan] = [await person('Shy Sue'), await person('Fan Fred')]
  await servers.store.accounts.describeCharacter(fan.character, { settings: { presence: 'everyone' } })
  const [s, f] = [await servers.enter(shy, at(town)), await servers.enter(fan, at(farTown))]
  await settled(s, f)
  expect(await say(f, { channel: 'whisper', to: 'Shy Sue', text: 'hey' })).toMatchObject({ code: 'CHAT_LISTENER_ABSENT' })
  expect(await say(s, { channel: 'whisper', to: 'Fan Fred', text: 'hello Fred' })).not.toHaveProperty('code')
  await hears(f, 'hello Fred')
  expect(await say(f, { channel: 'whisper', to: 'Shy Sue', text: 'hello Sue' })).not.toHaveProperty('code')
  await hears(s, 'hello Sue')
  expect(texts(s)).not.toContain('hey')
})

it('a muted account is refused in every channel within a second, with until and reason', async () => {
  const loud = await person('Mute Max')
  const player = await servers.enter(loud, at(town))
  await settled(player, player)
  const until = Date.now() + 3_600_000
  await servers.store.accounts.setMute((await servers.store.profile(loud.character))?.account ?? '', { until, reason: 'insults' })
  await servers.directory.tellServer({ type: 'profilesChanged', server: east?.name ?? '', characters: [loud.character] })
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  for (const channel of ['map', 'whisper'] as const)
    expect(await say(player, { channel, to: 'Map Ann' })).toMatchObject({ code: 'MUTED', message: expect.stringContaining('insults') })
})

it('custom channels are joined by name without regard to case, and announcements reach everybody', async () => {
  const [ann, bob] = [await servers.enter(await person('Custom Ann'), at(town)), await servers.enter(await person('Custom Bob'), at(forest))]
  expect(await say(ann, { channel: 'custom', to: 'trade' })).toMatchObject({ code: 'CHANNEL_UNKNOWN' })
  ann.room.send(control.channel, { id: 'c:1', name: 'Trade', action: 'join' })
  bob.room.send(control.channel, { id: 'c:1', name: 'TRADE', action: 'join' })
  for (const player of [ann, bob]) await player.message(control.said)
  await bob.until('joined', () => bob.messages.some(({ type, data }) => type === control.said && (data as SaidMessage).id === 'c:1'))
  await ann.until('joined', () => ann.messages.some(({ type, data }) => type === control.said && (data as SaidMessage).id === 'c:1'))
  await say(ann, { channel: 'custom', to: 'trade', text: 'wood for iron' })
  expect(await hears(bob, 'wood for iron')).toMatchObject({ channel: 'custom', to: 'trade' })
  await servers.directory.publishChat('announcement', { id: 'a', text: 'restart at noon', at: Date.now() })
  for (const player of [ann, bob]) expect(await hears(player, 'restart at noon')).not.toHaveProperty('from')
})

it('a character that enters later gets the last messages of its guild, marked as past, each once', async () => {
  const [old, late] = [await person('History Old', 'Archive'), await person('History Late', 'Archive')]
  const speaker = await servers.enter(old, at(town))
  for (let index = 1; index <= 5; index++) await say(speaker, { channel: 'guild', text: `entry ${index}` })
  const listener = await servers.enter(late, at(farTown))
  await hears(listener, 'entry 5')
  expect(
    heard(listener)
      .filter(({ channel }) => channel === 'guild')
      .map(({ text, past }) => [text, past]),
  ).toEqual([3, 4, 5].map((index) => [`entry ${index}`, true]))
})

it('X1: a chat message of the wrong shape disconnects its sender; text that cannot be shown is refused', async () => {
  const player = await servers.enter(await person('Shape Sam'), at(town))
  expect(await say(player, { text: '\u202e\u200b\u0007 ' })).toMatchObject({ code: 'CHAT_REFUSED' })
  expect(await say(player, { text: 'x'.repeat(301) })).toMatchObject({ code: 'CHAT_REFUSED', message: expect.stringContaining('300') })
  player.room.send(control.say, { channel: 'announcement', text: 'free gold', id: 'x:1' })
  expect(await player.until('is cut off', () => player.closed)).toBe(4151)
  const other = await servers.enter(await person('Shape Sue'), at(town))
  other.room.send(control.say, { channel: 'whisper', to: 'Shape\0Sam', text: 'hello', id: 'x:1' })
  expect(await other.until('is cut off', () => other.closed)).toBe(4151)
})

it('X1: a flood of one sender is limited to its budget, and it stays connected', async () => {
  const [flooder, listener] = [await servers.enter(await person('Flood Flo'), at(town)), await servers.enter(await person('Flood Lea'), at(farTown))]
  await settled(listener, flooder)
  for (let index = 0; index < 100; index++) flooder.room.send(control.say, { channel: 'map', text: `flood ${index}`, id: `f:${index + 1}` })
  const answers = (): SaidMessage[] =>
    flooder.messages.filter(({ type, data }) => type === control.said && (data as SaidMessage).id.startsWith('f:')).map(({ data }) => data as SaidMessage)
  await flooder.until('all are answered', () => answers().length === 100)
  const sent = answers().filter(({ code }) => code === undefined).length
  expect(sent).toBeGreaterThanOrEqual(6)
  expect(sent).toBeLessThanOrEqual(8)
  expect(answers().every(({ code }) => code === undefined || code === 'TOO_MANY_REQUESTS')).toBe(true)
  await settled(listener, listener)
  expect(texts(listener).filter((text) => text.startsWith('flood'))).toHaveLength(sent)
  expect(flooder.closed).toBeUndefined()
})

it('X1: a flood of chat is limited in bytes per client, and costs no memory for a client that does not read', async () => {
  const here = at(town)
  await using proxy = await startTcpProxy(here.address)
  const deaf = await Player.join(proxy.url.replace(/\/$/, ''), here.id, await servers.ticket(await person('Flood Deaf'), here))
  await deaf.live()
  const listener = await servers.enter(await person('Flood Ear'), here)
  await settled(listener, deaf)
  proxy.stall()
  const metric = async (name: string, label = ''): Promise<number> => {
    const text = await (await fetch(`${east?.probes}/metrics`)).text()
    const line = text.split('\n').find((one) => one.startsWith(name) && one.includes(label))
    return Number(line?.split(' ').at(-1) ?? Number.NaN)
  }
  const before = await metric('process_resident_memory_bytes')
  const began = performance.now()
  const FLOOD = 20_000
  const text = 'x'.repeat(1_000)
  for (let index = 1; index <= FLOOD; index += 500)
    await Promise.all(
      Array.from({ length: 500 }, (_, step) =>
        servers.directory.publishChat('map:town', { id: `flood:${index + step}`, from: { character: 'somebody', name: 'Somebody' }, text, at: Date.now() }),
      ),
    )
  await until('the flood has arrived', async () => (await metric('strata_chat_deliveries_total', 'result="dropped"')) > FLOOD)
  const seconds = (performance.now() - began) / 1000
  const bytes = heard(listener).reduce((sum, event) => sum + event.text.length, 0)
  expect(bytes).toBeGreaterThan(32 * 1024)
  expect(bytes).toBeLessThan(64 * 1024 + seconds * 32 * 1024)
  expect(before).toBeGreaterThan(0)
  // Five times the text of the flood: compiling and collecting garbage move this figure by tens of MiB.
  expect((await metric('process_resident_memory_bytes')) - before).toBeLessThan(100 * 1024 * 1024)
  expect(await say(listener, { text: 'after the flood' })).not.toHaveProperty('code')
})
