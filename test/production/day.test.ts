import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { accountOf } from '../../local/identityProvider/provider.ts'
import { type LocalWorld, startWorld } from '../../local/world.ts'
import { DayPlayer, refusalOf } from './dayPlayer.ts'

const PLAYERS = 60
/** Lifetime of the session tokens, in seconds: shorter than the day, so that every player renews them. */
const TOKEN_SECONDS = 4

let stack: AsyncDisposableStack
let world: LocalWorld
let players: DayPlayer[] = []
const player = (number: number): DayPlayer => players[number] ?? expect.fail(`there is no player ${number}`)
const someOf = (from: number, count: number): DayPlayer[] => players.slice(from, from + count)

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const state = await mkdtemp(join(tmpdir(), 'strata-day-'))
  stack.defer(() => rm(state, { recursive: true, force: true }))
  const { REDIS_URL: shared } = process.env
  delete process.env['REDIS_URL'] // the world starts its own
  try {
    const options = { bots: 0, speed: 1, scale: 1, seed: 1, fresh: true, view: false, state, matchmakerPort: 0, orchestratorPort: 0 }
    const production = { production: true, tokenSeconds: TOKEN_SECONDS, policies: join(import.meta.dirname, 'fleets') }
    world = stack.use(await startWorld({ ...options, ...production }, () => undefined, pino({ level: 'silent' }), AbortSignal.timeout(150_000)))
  } finally {
    if (shared !== undefined) process.env['REDIS_URL'] = shared
  }
}, 180_000)
afterAll(() => stack.disposeAsync(), 60_000)

/** People of three languages; every fifth speaks two. */
function person(number: number): { name: string; languages: string[] } {
  const language = ['de', 'en', 'fr'][number % 3] ?? 'en'
  return { name: `Newcomer ${number}`, languages: number % 5 === 0 ? [language, 'pt-br'] : [language] }
}

it('two matchmakers and two game servers run without the development login', { timeout: 90_000 }, async () => {
  expect(world.matchmakerUrls).toHaveLength(2)
  // The world is ready with the first open copy of each map; the orchestrator opens the others meanwhile.
  await vi.waitFor(
    () => {
      const open = [...(world.replica.census().maps.get('forest')?.copies.values() ?? [])].map(({ copy }) => copy).filter(({ state }) => state === 'open')
      expect(open).toHaveLength(3)
      expect(new Set(open.map(({ server }) => server)).size).toBe(2)
    },
    { timeout: 20_000, interval: 100 },
  )
  for (const url of world.matchmakerUrls) {
    const answer = await fetch(`${url}/v1/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"account":"anybody"}' })
    expect(await answer.json()).toMatchObject({ error: { code: 'LOGIN_DISABLED' } })
  }
})

it('60 new players sign in at the identity provider and make characters', { timeout: 90_000 }, async () => {
  players = await Promise.all(Array.from({ length: PLAYERS }, (_, number) => DayPlayer.arrive(person(number), number, world)))
  const accounts = await Promise.all(players.map(({ client }) => client.characters.list()))
  expect(accounts.map(([own]) => ({ name: own?.name, languages: own?.languages }))).toEqual(players.map(({ name, languages }) => ({ name, languages })))
  expect(await refusalOf(player(0).client.characters.create({ name: 'newcomer 1' }))).toBe('NAME_TAKEN')
})

it('they befriend, block, form parties and a guild', { timeout: 90_000 }, async () => {
  const befriend = async (asking: DayPlayer, asked: DayPlayer): Promise<void> => {
    expect(await asking.client.friends.request(asked.name)).toBe('requested')
    await asked.client.friends.accept(asking.character)
  }
  const pairs = Array.from({ length: 10 }, (_, pair) => [player(2 * pair), player(2 * pair + 1)] as const)
  await Promise.all([...pairs.map(([one, other]) => befriend(one, other)), befriend(player(58), player(59))])
  expect((await player(1).client.friends.list()).map(({ name }) => name)).toEqual(['Newcomer 0'])

  await player(59).client.blocks.add('Newcomer 58')
  expect(await player(58).client.friends.list()).toEqual([])
  expect(await refusalOf(player(58).client.friends.request('Newcomer 59'))).toBe('CHARACTER_UNKNOWN')
  expect(await refusalOf(player(58).client.friends.request('Nobody at all'))).toBe('CHARACTER_UNKNOWN')

  const { guild } = await player(20).client.guild.found('Lamplighters')
  // One invitation after the other: a player may have four requests at once.
  for (const member of someOf(21, 9)) {
    expect(await refusalOf(member.client.guild.join(guild))).toBe('GUILD_REFUSED')
    await player(20).client.guild.invite(member.name)
    await member.client.guild.join(guild)
  }
  expect((await player(29).client.guild.current())?.members).toHaveLength(10)

  await Promise.all(
    [30, 33, 36, 39].map(async (leader) => {
      const { party } = await player(leader).client.party.create()
      for (const member of someOf(leader + 1, 2)) {
        expect(await refusalOf(member.client.party.accept(party))).toBe('INVITATION_UNKNOWN')
        await player(leader).client.party.invite(member.name)
        await member.client.party.accept(party)
      }
    }),
  )
  expect((await player(39).client.party.current())?.members).toHaveLength(3)
})

it('P2: they are placed beside friends, guild, party and speakers of their language, and the explanation says so', { timeout: 90_000 }, async () => {
  const enter = (some: readonly DayPlayer[]): Promise<unknown> => Promise.all(some.map((one) => one.enter('forest')))
  const copyOf = (number: number): string => player(number).world.copy
  // The first of each pair, then the other one.
  await enter(someOf(0, 20).filter((_, number) => number % 2 === 0))
  await enter([player(20), player(30), player(33), player(36), player(39)])
  await enter([
    ...someOf(0, 20).filter((_, number) => number % 2 === 1),
    ...someOf(21, 9),
    ...someOf(31, 2),
    ...someOf(34, 2),
    ...someOf(37, 2),
    ...someOf(40, 2),
  ])
  for (let pair = 0; pair < 20; pair += 2) expect(copyOf(pair + 1), `friends ${pair}`).toBe(copyOf(pair))
  for (const leader of [30, 33, 36, 39]) expect([copyOf(leader + 1), copyOf(leader + 2)], `party of ${leader}`).toEqual([copyOf(leader), copyOf(leader)])

  const strangers = someOf(42, 18)
  for (const stranger of strangers) await stranger.enter('forest')
  // Decisions are recorded after the answer.
  const candidates = (one: DayPlayer, operatorToken?: string) => vi.waitFor(() => one.candidates(operatorToken), { timeout: 10_000, interval: 200 })
  const decided = async (one: DayPlayer) => (await candidates(one))[0]
  for (let pair = 0; pair < 20; pair += 2) expect((await decided(player(pair + 1))).terms?.['friends'], `friends ${pair}`).toBeGreaterThan(0)
  for (const member of someOf(21, 9)) expect((await decided(member)).terms?.['guild'], member.name).toBeGreaterThan(0)
  let besideSpeakers = 0
  for (const stranger of strangers) {
    const [chosen, ...others] = await candidates(stranger, world.operatorToken)
    const language = ({ terms }: { terms?: Record<string, number> }): number => terms?.['language'] ?? 0
    if (language(chosen) > 0 && others.length > 0 && others.every((other) => language(other) <= language(chosen))) besideSpeakers++
  }
  expect(besideSpeakers).toBeGreaterThan(strangers.length * 0.7)
  const { copies } = world.replica.census().maps.get('forest') ?? expect.fail('there is no forest')
  const servers = new Set(players.map(({ world: { copy } }) => copies.get(copy)?.copy.server))
  expect(servers.size).toBe(2)
})

it('every player has renewed the session at the identity provider and is still in the world', { timeout: 90_000 }, async () => {
  await vi.waitFor(
    async () => {
      await Promise.all(players.map(({ client }) => client.maps()))
      expect(players.filter(({ session }) => session.counts.renewed === 0).map(({ name }) => name)).toEqual([])
    },
    { timeout: 20_000, interval: 1_000 },
  )
  expect(players.filter(({ session }) => session.counts.signedIn !== 1).map(({ name }) => name)).toEqual([])
  expect(players.filter(({ world: { closed } }) => closed).map(({ name }) => name)).toEqual([])
})

it('T1: they talk over copies and servers: map, guild, party and whispers arrive once and in order', { timeout: 90_000 }, async () => {
  const heard = new Map(players.map((one) => [one, [] as string[]]))
  for (const [one, texts] of heard) one.world.on('chat', ({ channel, text }) => texts.push(`${channel}: ${text}`))
  const said = await Promise.all(['first', 'second', 'third'].map((text) => player(0).world.say('map', text)))
  expect(said).toEqual(Array(3).fill({ delivered: true }))
  const inTime = { timeout: 20_000, interval: 50 }
  await vi.waitFor(() => expect(players.filter((one) => !heard.get(one)?.includes('map: third')).map(({ name }) => name)).toEqual([]), inTime)
  for (const [one, texts] of heard) expect(texts, one.name).toEqual(['map: first', 'map: second', 'map: third'])

  expect(await player(20).world.say('guild', 'to the mill')).toEqual({ delivered: true })
  expect(await player(30).world.say('party', 'follow me')).toEqual({ delivered: true })
  expect(await player(40).world.say('whisper', 'psst', { to: player(41).name })).toEqual({ delivered: true })
  const listeners = (text: string): DayPlayer[] => players.filter((one) => heard.get(one)?.includes(text))
  await vi.waitFor(() => {
    expect(listeners('guild: to the mill')).toEqual(someOf(20, 10))
    expect(listeners('party: follow me')).toEqual(someOf(30, 3))
    expect(listeners('whisper: psst')).toContain(player(41))
  }, inTime)
  // A blocked player cannot tell a block from somebody who is not there.
  const [blocked, absent] = [
    await player(58).world.say('whisper', 'hello', { to: player(59).name }),
    await player(58).world.say('whisper', 'hello', { to: 'Nobody' }),
  ]
  expect(blocked).toMatchObject({ delivered: false })
  expect('code' in blocked && blocked.code).toBe('code' in absent && absent.code)
  expect(listeners('whisper: hello').filter((one) => one !== player(58))).toEqual([])
})

it('one is banned while playing: the world ends within a second, and the door stays closed', { timeout: 90_000 }, async () => {
  const banned = player(50)
  const closed = new Promise<{ code: string | undefined; at: number }>((resolve) =>
    banned.world.on('closed', ({ error }) => resolve({ code: error?.code, at: performance.now() })),
  )
  await operator('/v1/moderation/ban', { player: banned.name, reason: 'sold gold' })
  const answered = performance.now()
  const { code, at } = await closed
  expect(code).toBe('ACCOUNT_BANNED')
  expect(at - answered).toBeLessThan(1_000)
  expect(await refusalOf(banned.client.enter({ map: 'forest' }))).toBe('ACCOUNT_BANNED')
  expect(players.filter((one) => one !== banned && one.world.closed).map(({ name }) => name)).toEqual([])
})

it('one is erased: nobody finds the character any more, and the person may begin again', { timeout: 90_000 }, async () => {
  const erased = player(1)
  await operator(`/v1/privacy/accounts/${accountOf(erased.login)}/erase`, { reason: 'asked by letter' })
  await vi.waitFor(() => expect(erased.world.closed).toBe(true), { timeout: 20_000, interval: 50 })
  expect(await player(0).client.friends.list()).toEqual([])
  expect(await refusalOf(player(2).client.friends.request(erased.name))).toBe('CHARACTER_UNKNOWN')
  expect(await erased.client.characters.list()).toEqual([])
  const again = await erased.client.characters.create({ name: erased.name })
  expect(again.character).not.toBe(erased.character)
})

/** What a moderator does over HTTP, with the operator's token. */
async function operator(path: string, body: object): Promise<void> {
  const answer = await fetch(world.matchmakerUrl + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.operatorToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
}
